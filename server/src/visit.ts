/**
 * One WebSocket, whichever door it came through: lets in whom the token names, counts what they send, and hangs up when
 * their login session ends.
 */
import type { WebSocket } from 'ws'
import { Refusal } from '@rejoin/shared/errors.ts'
import { getActor, sessionTopic } from './accounts/queries.ts'
import type { App } from './app.ts'
import { identify, type Place } from './identify.ts'
import { SocketWire } from './socket-wire.ts'
import { forPeople } from './token-calls.ts'
import type { Login } from './sync/session.ts'
import { closeCodeOf } from './yjs/editor.ts'

/** Who is behind a socket: a device or an editor. */
export interface Visitor {
  receive(data: Uint8Array | string): Promise<void>
  fail(error: unknown): void
  end(): void
}

export interface Door {
  admit(wire: SocketWire, login: Login): Visitor | Promise<Visitor>
  /** What to say before the connection is closed. */
  refuse(socket: WebSocket, refusal: Refusal): void
}

/** Who asks for a socket. */
export interface Caller {
  readonly token: string | null
  readonly place: Place
}

/** How often an open connection asks again whether its session is valid. */
const RECHECK_MS = 3_600_000

export class Visit {
  readonly #app: App
  readonly #door: Door
  readonly #socket: WebSocket
  readonly #caller: Caller
  readonly #wire: SocketWire
  readonly #arrival: Promise<Visitor | null>
  readonly #waiting = { frames: 0, bytes: 0 }
  #loginId = ''
  #checkedAt: number
  #unsubscribe: () => void = () => {}

  constructor(app: App, door: Door, socket: WebSocket, caller: Caller) {
    this.#app = app
    this.#door = door
    this.#socket = socket
    this.#caller = caller
    this.#checkedAt = app.now()
    this.#wire = new SocketWire(socket, app.admission.limits, () => {
      app.metrics.overloads.inc({ reason: 'slow-reader' })
      void this.#leave()
    })
    this.#arrival = this.#arrive()
    // The buffer is the library's; what a frame holds may outlive it.
    socket.on('message', (data: Buffer, isBinary) => void this.#hear(isBinary ? new Uint8Array(data) : data.toString()))
    socket.on('close', () => void this.#leave())
    // The library closes a connection that breaks, and says so by `close`.
    socket.on('error', () => {})
  }

  async #arrive(): Promise<Visitor | null> {
    try {
      const login = await this.#identify()
      this.#loginId = login.sessionId
      let visitor: Visitor | undefined
      let hasEnded = false
      this.#unsubscribe = this.#app.hub.subscribe([sessionTopic(login.sessionId)], () => {
        hasEnded = true
        if (visitor !== undefined) void this.#recheck(visitor)
      })
      visitor = await this.#door.admit(this.#wire, login)
      if (hasEnded) await this.#recheck(visitor)
      return visitor
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal('internal', 'The server failed.')
      if (refusal !== error) this.#app.log.error({ err: error }, 'a socket could not be opened')
      this.#door.refuse(this.#socket, refusal)
      this.#socket.close(closeCodeOf(error), refusal.code)
      return null
    }
  }

  async #identify(): Promise<Login> {
    const { token, place } = this.#caller
    const session = await identify(this.#app, token, place)
    if (session === null) throw signedOut()
    if (session.scopes !== null) throw forPeople('sockets')
    return { actor: await getActor(this.#app.read, session.userId), sessionId: session.id }
  }

  async #hear(frame: Uint8Array | string): Promise<void> {
    const visitor = await this.#arrival
    if (visitor === null) return
    void this.#keepAlive(visitor)
    const { admission } = this.#app
    const { waitingFrames, waitingBytes } = admission.limits
    this.#waiting.frames += 1
    this.#waiting.bytes += frame.length
    try {
      admission.takeFrame(this.#loginId, frame.length)
      if (this.#waiting.frames > waitingFrames || this.#waiting.bytes > waitingBytes) {
        throw admission.busy('waiting-frames')
      }
      await visitor.receive(frame)
    } catch (error) {
      visitor.fail(error)
    } finally {
      this.#waiting.frames -= 1
      this.#waiting.bytes -= frame.length
    }
  }

  /** A connection that is used keeps its session alive, as requests do. */
  async #keepAlive(visitor: Visitor): Promise<void> {
    if (this.#app.now() - this.#checkedAt >= RECHECK_MS) await this.#recheck(visitor)
  }

  async #recheck(visitor: Visitor): Promise<void> {
    this.#checkedAt = this.#app.now()
    try {
      await this.#identify()
    } catch (error) {
      visitor.fail(error)
    }
  }

  async #leave(): Promise<void> {
    const visitor = await this.#arrival
    this.#unsubscribe()
    this.#wire.ended()
    visitor?.end()
  }
}

function signedOut(): Refusal {
  return new Refusal('unauthenticated', 'The session is not or no longer valid.', 'Sign in again; queued work is kept.')
}
