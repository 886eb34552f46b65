/** One connection: its socket, and the state of the dialogue on it. A new connection is a new session. */
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import type { DeviceFrame } from '@rejoin/shared/sync/wire.ts'
import type { Socket } from '../environment.ts'
import type { MadeCommand } from '../ledger/records.ts'

const GOING_AWAY = 1000

/** The device's progress in reconciling with a restored server. */
export interface Reconciling {
  /** The newest position that both know; 0: none. */
  readonly since: number
  /** The ids of the commands that are still to be offered. */
  readonly left: readonly string[]
  /** The server has heard everything and brings the device up to date. */
  readonly isAllSent: boolean
}

export class Session {
  /** Commands sent on this connection and not decided. */
  readonly inFlight = new Set<string>()
  /** While the server lists the whole scope: the tickets listed so far. */
  listing: Set<string> | null = null
  /** Commands decided since the last batch without `more`: a `leave` may come in a later batch than their verdicts. */
  readonly judged: { command: MadeCommand; verdict: Verdict }[] = []
  reconciling: Reconciling | null = null
  /** The first exchange is sent; until then nothing else may be. */
  hasSentHello = false
  /** A batch of this session was not taken: those after it would leave a gap. */
  hasGap = false
  /** The server has ended it with a frame that the device is still acting on. */
  hasLastWord = false
  readonly #socket: Socket
  #isOver = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get isOver(): boolean {
    return this.#isOver
  }

  send(frame: DeviceFrame): void {
    this.#socket.send(encodeFrame(frame, 'cbor'))
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.close(GOING_AWAY)
  }
}
