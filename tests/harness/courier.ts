/**
 * A device reduced to its outbox, on a bare `/sync` socket: it knows exactly its sent commands, its acknowledged ones,
 * and the frames that crossed the wire. It keeps no documents.
 */
import { v7 } from 'uuid'
import type { DeviceCommandName, InputOf } from '@rejoin/shared/commands.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import {
  BEARER_PREFIX,
  MAX_COMMANDS,
  ServerFrame,
  SUBPROTOCOL,
  type Batch,
  type QueuedCommand,
} from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'

type Position = Pick<Batch, 'epoch' | 'cursor' | 'tag'>

export interface Traffic {
  frames: number
  bytes: number
}

export class Courier {
  readonly deviceId = v7()
  /** Every command it ever made, by id. */
  readonly made = new Map<string, QueuedCommand>()
  /** The first verdict of each command. */
  readonly verdicts = new Map<string, Verdict>()
  /** Later verdicts that differ from the first: there must be none. */
  readonly contradictions: Verdict[] = []
  readonly sent: Traffic = { frames: 0, bytes: 0 }
  readonly received: Traffic = { frames: 0, bytes: 0 }
  onVerdict: (verdict: Verdict) => void = () => undefined
  /** The connection ended without a word. */
  onLost: (reason: Error) => void = () => undefined
  /** The server refused to go on. */
  onError: (reason: Error) => void = () => undefined
  position: Position | null = null
  /** Ids of commands to send, or sent and not acknowledged; in order. */
  readonly #waiting = new Set<string>()
  readonly #listeners: { resolve: (batch: Batch) => void; reject: (reason: Error) => void }[] = []
  readonly #token: string
  #socket: WebSocket | null = null

  constructor(token: string) {
    this.#token = token
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Makes a command and, when connected, sends it. */
  send<Name extends DeviceCommandName>(name: Name, input: InputOf<Name>): string {
    const seen = this.position?.cursor ?? 0
    const command: QueuedCommand = { id: v7(), name, input, at: clock(), seen }
    this.made.set(command.id, command)
    this.#waiting.add(command.id)
    this.#offer([command])
    return command.id
  }

  /** Sends again a command that was acknowledged long ago, as a device restored from a copy would. */
  repeat(id: string): void {
    const command = this.made.get(id)
    if (command === undefined) throw new Error(`there is no command ${id}`)
    this.#waiting.add(id)
    this.#offer([command])
  }

  /** Opens a socket and sends everything that waits. Resolves when the first frame is out. */
  async connect(url: string): Promise<void> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/sync`, [SUBPROTOCOL, BEARER_PREFIX + this.#token])
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => this.#take(new Uint8Array(data)))
    await new Promise<void>((resolve) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('close', () => resolve())
      socket.addEventListener('error', () => resolve())
    })
    this.#socket = socket
    socket.addEventListener('close', () => {
      if (this.#socket === socket) this.#stop(this.onLost, new Error('The server hung up.'))
    })
    this.#offer([...this.#waiting].flatMap((id) => this.made.get(id) ?? []))
  }

  disconnect(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  /** Resolves when nothing waits; rejects when the server sends something else than verdicts, or hangs up. */
  async idle(): Promise<void> {
    while (this.#waiting.size > 0) await this.next()
  }

  /** Resolves when the next batch was taken; rejects as `idle`. */
  async next(): Promise<Batch> {
    return new Promise((resolve, reject) => this.#listeners.push({ resolve, reject }))
  }

  #offer(commands: readonly QueuedCommand[]): void {
    const socket = this.#socket
    if (socket === null || socket.readyState !== WebSocket.OPEN) return
    const frame = encodeFrame(
      {
        type: 'exchange',
        device: this.deviceId,
        incarnation: 0,
        schema: SCHEMA_VERSION,
        clock: clock(),
        ...this.position,
        commands: commands.slice(0, MAX_COMMANDS),
      },
      'cbor',
    )
    this.sent.frames += 1
    this.sent.bytes += frame.length
    socket.send(frame)
  }

  #take(data: Uint8Array): void {
    this.received.frames += 1
    this.received.bytes += data.length
    const frame = decodeFrame(ServerFrame, data)
    if (frame.type === 'error') this.#stop(this.onError, new Error(`${frame.code}: ${frame.message}`))
    if (frame.type !== 'batch') return
    if (!frame.more) this.position = { epoch: frame.epoch, cursor: frame.cursor, tag: frame.tag }
    for (const verdict of frame.verdicts) this.#judged(verdict)
    for (const { resolve } of this.#listeners.splice(0)) resolve(frame)
  }

  #stop(tell: (reason: Error) => void, reason: Error): void {
    tell(reason)
    for (const { reject } of this.#listeners.splice(0)) reject(reason)
  }

  #judged(verdict: Verdict): void {
    const first = this.verdicts.get(verdict.id)
    if (first === undefined) this.verdicts.set(verdict.id, verdict)
    else if (JSON.stringify(first) !== JSON.stringify(verdict)) this.contradictions.push(verdict)
    this.#waiting.delete(verdict.id)
    this.onVerdict(verdict)
  }
}

function clock() {
  return { wall: Date.now(), mono: performance.now(), boot: 'courier' }
}
