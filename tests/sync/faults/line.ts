/**
 * A device's faulty network: WebSockets whose frames are delayed, sent twice, sent again much later, cut short, or lost
 * with the connection. Frames of a connection that the device has given up may still reach the server, after those of
 * the next one. Within one connection the server's frames keep their order, as TCP guarantees.
 */
import type { Socket, SocketConstructor } from '@rejoin/client-sdk/environment.ts'
import { decodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import type { Random } from '../../harness/random.ts'
import type { Book } from './book.ts'

type Frame = Uint8Array<ArrayBuffer>
type Listener = (event: unknown) => void
type EventName = 'open' | 'message' | 'close' | 'error'

const MAX_OLD = 12

export class Line {
  /** While it is held, frames wait in both directions. */
  isHeld = false
  /** How often a frame meets a fault, in [0, 1]. */
  risk = 0
  readonly #sockets = new Set<LineSocket>()
  readonly #late: (() => void)[] = []
  /** Frames sent on earlier connections that may come again. */
  readonly #old: Frame[] = []
  readonly random: Random
  readonly book: Book

  constructor(random: Random, book: Book) {
    this.random = random
    this.book = book
  }

  /** The constructor for one life of the device; `isAlive` is asked before the device hears anything. */
  socketsFor(isAlive: () => boolean): SocketConstructor {
    const parts = { line: this, isAlive }
    return class extends LineSocket {
      constructor(url: string, protocols: string[]) {
        super(parts, new WebSocket(url, protocols))
      }
    }
  }

  /** Lets the held frames go; with `swap`, the last two frames to the server change places. */
  release({ swap }: { swap: boolean }): void {
    this.isHeld = false
    for (const socket of this.#sockets) socket.flush(swap)
  }

  /** The device notices that its connections are gone; with `linger`, its frames under way arrive later. */
  cut({ linger }: { linger: boolean }): void {
    for (const socket of this.#sockets) socket.lose(linger)
  }

  /** Frames that were under way on connections now over arrive. */
  deliverLate(): number {
    const late = this.#late.splice(0)
    for (const deliver of late) deliver()
    return late.length
  }

  later(deliver: () => void): void {
    this.#late.push(deliver)
  }

  keep(socket: LineSocket): void {
    this.#sockets.add(socket)
  }

  forget(socket: LineSocket): void {
    this.#sockets.delete(socket)
  }

  remember(frame: Frame): void {
    this.#old.push(frame)
    if (this.#old.length > MAX_OLD) this.#old.shift()
  }

  findOld(): Frame | null {
    return this.#old.length === 0 ? null : this.random.pick(this.#old)
  }

  isUnlucky(share: number): boolean {
    return this.risk > 0 && this.random.next() < this.risk * share
  }
}

class LineSocket implements Socket {
  binaryType = 'arraybuffer'
  readonly #line: Line
  readonly #isAlive: () => boolean
  readonly #inner: WebSocket
  readonly #listeners: [EventName, Listener][] = []
  #up: Frame[] = []
  #down: ArrayBuffer[] = []
  #sent = 0
  #isOver = false

  constructor({ line, isAlive }: { line: Line; isAlive: () => boolean }, inner: WebSocket) {
    this.#line = line
    line.keep(this)
    this.#isAlive = isAlive
    this.#inner = inner
    inner.binaryType = 'arraybuffer'
    inner.addEventListener('open', (event) => this.#tell('open', event))
    inner.addEventListener('error', (event) => this.#tell('error', event))
    inner.addEventListener('close', (event) => {
      this.#tell('close', event)
      this.#end()
    })
    inner.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => this.#arrived(data))
  }

  send(data: Frame): void {
    if (this.#isOver) return
    this.#up.push(data.slice())
    if (!this.#line.isHeld) this.flush(false)
  }

  close(code?: number, reason?: string): void {
    this.#end()
    this.#inner.close(code, reason)
  }

  addEventListener(type: EventName, listener: Listener): void {
    this.#listeners.push([type, listener])
  }

  lose(linger: boolean): void {
    if (this.#isOver) return
    const held = this.#up
    if (linger && held.length > 0) {
      this.#line.later(() => {
        for (const frame of held) this.#put(frame)
        this.#inner.close()
      })
    } else this.#inner.close()
    this.#tell('close', new Event('close'))
    this.#end()
  }

  flush(swap: boolean): void {
    const up = this.#up
    this.#up = []
    const [last, beforeLast] = [up.at(-1), up.at(-2)]
    if (swap && this.#sent > 0 && last !== undefined && beforeLast !== undefined) {
      this.#line.book.fault('frames to the server swapped')
      up.splice(-2, 2, last, beforeLast)
    }
    for (const frame of up) if (!this.#isOver) this.#sendUp(frame)
    const down = this.#down
    this.#down = []
    for (const frame of down) if (!this.#isOver) this.#hand(frame)
  }

  #sendUp(frame: Frame): void {
    const { book } = this.#line
    if (this.#line.isUnlucky(0.1)) {
      book.fault('frame to the server lost with its connection')
      this.lose(false)
      return
    }
    if (this.#line.isUnlucky(0.08)) {
      book.fault('frame to the server cut short')
      this.#put(frame.slice(0, Math.floor(frame.length / 2)))
      return
    }
    this.#put(frame)
    if (this.#line.isUnlucky(0.15)) {
      book.fault('frame to the server sent twice')
      this.#put(frame)
    }
    const old = this.#sent > 0 && this.#line.isUnlucky(0.1) ? this.#line.findOld() : null
    if (old !== null) {
      book.fault('old frame sent to the server again')
      this.#put(old)
    }
    this.#sent += 1
    this.#line.remember(frame)
  }

  #put(frame: Frame): void {
    if (this.#inner.readyState === WebSocket.OPEN) this.#inner.send(frame)
  }

  #arrived(data: ArrayBuffer): void {
    const frame = decodeFrame(ServerFrame, new Uint8Array(data))
    // The frame may still be lost, but the server has promised.
    if (frame.type === 'batch') {
      for (const { id, ...verdict } of frame.verdicts) this.#line.book.hear(id, verdict)
    }
    if (frame.type === 'error') this.#line.book.note(`error frame: ${frame.code} ${frame.message}`)
    this.#down.push(data)
    if (!this.#line.isHeld) this.flush(false)
  }

  #hand(data: ArrayBuffer): void {
    const { book } = this.#line
    if (this.#line.isUnlucky(0.1)) {
      book.fault('frame from the server lost with its connection')
      this.lose(false)
      return
    }
    if (this.#line.isUnlucky(0.06)) {
      book.fault('frame from the server cut short')
      this.#tell('message', { data: data.slice(0, Math.floor(data.byteLength / 2)) })
      return
    }
    this.#tell('message', { data })
    if (!this.#line.isUnlucky(0.12)) return
    book.fault('frame from the server sent twice')
    this.#tell('message', { data })
  }

  #tell(type: EventName, event: unknown): void {
    if (this.#isOver || !this.#isAlive()) return
    for (const [wanted, listener] of this.#listeners) if (wanted === type) listener(event)
  }

  #end(): void {
    this.#isOver = true
    this.#line.forget(this)
  }
}
