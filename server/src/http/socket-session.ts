/**
 * One WebSocket of either door: admits the holder of the token, counts the bytes that wait in it, and hangs up when
 * their login session ends.
 */
import type { WebSocket } from 'ws'
import { Refusal } from '@rejoin/shared/errors.ts'
import { getActor, sessionTopic } from '../slices/accounts/queries.ts'
import type { App } from '../app.ts'
import { authenticate, type Client } from '../access/authenticate.ts'
import type { Overload } from '../core/runtime/metrics.ts'
import { IncomingBytes } from './incoming-bytes.ts'
import type { Line, OpenSockets } from './open-sockets.ts'
import { SocketWire } from './socket-wire.ts'
import { forPeople } from '../access/token-scopes.ts'
import type { Login } from '../doors/sync/session.ts'
import { closeCodeOf, reasonOf } from '../doors/yjs/close-codes.ts'

/** The client behind a socket: a device or an editor. */
export interface SocketClient {
  receive(data: Uint8Array | string): Promise<void>
  fail(error: unknown): void
  end(): void
}

export interface Door {
  admit(wire: SocketWire, login: Login): SocketClient | Promise<SocketClient>
  /** Sends the refusal before the connection is closed. */
  refuse(socket: WebSocket, refusal: Refusal): void
}

export interface Arrival {
  readonly door: Door
  readonly socket: WebSocket
  /** The connection that the socket reads from. */
  readonly connection: { readonly bytesRead: number }
  readonly caller: Caller
  readonly shared: Shared
}

/** The caller that asks for a socket. */
export interface Caller {
  readonly token: string | null
  readonly client: Client
}

/** The state shared by the sockets of one server. */
export interface Shared {
  readonly open: OpenSockets
  /** Refused sockets, until they have hung up. */
  readonly refused: Set<WebSocket>
}

/** How many refused sockets have a moment to read the reason: further ones are sent it, and are cut off. */
const MAX_REFUSED = 100
/** How often an open connection checks again whether its session is valid. */
const RECHECK_MS = 3_600_000

export class SocketSession implements Line {
  readonly #app: App
  readonly #door: Door
  readonly #incoming: IncomingBytes
  readonly #socket: WebSocket
  readonly #caller: Caller
  readonly #shared: Shared
  readonly #wire: SocketWire
  readonly #arrival: Promise<SocketClient | null>
  readonly #waiting = { frames: 0, bytes: 0 }
  sessionId = ''
  personId = ''
  lastHeardAt: number
  quietRounds = 0
  #checkedAt: number
  #unsubscribe: () => void = () => {}
  /** Removes it from the open sockets. */
  #release: () => void = () => {}

  constructor(app: App, { door, socket, connection, caller, shared }: Arrival) {
    this.#app = app
    this.#door = door
    this.#incoming = new IncomingBytes(connection, app.mono)
    this.#socket = socket
    this.#caller = caller
    this.#shared = shared
    this.lastHeardAt = app.mono()
    this.#checkedAt = app.mono()
    this.#wire = new SocketWire(socket, {
      unreadBytes: app.admission.limits.unreadBytes,
      now: app.mono,
      waits: (bytes) => shared.open.hold(this, bytes),
      tooSlow: () => this.cut('slow-reader'),
    })
    this.#arrival = this.#arrive()
    // The buffer belongs to the library, and the frame may outlive it.
    socket.on('message', (data: Buffer, isBinary) => {
      this.#incoming.message()
      this.#isThere()
      this.#endIfThrown(this.#hear(isBinary ? new Uint8Array(data) : data.toString(), data.length))
    })
    const control = (data: Buffer) => {
      this.#incoming.control(data)
      this.#isThere()
    }
    socket.on('ping', control)
    socket.on('pong', control)
    socket.on('close', () => this.#endIfThrown(this.#leave()))
    // The library closes a broken connection, and reports that by `close`.
    socket.on('error', () => {})
  }

  get heldBytes(): number {
    return this.#wire.unreadBytes + this.#waiting.bytes
  }

  get stalledSince(): number | null {
    return this.#wire.stalledSince
  }

  get unfinishedSince(): number | null {
    return this.#incoming.unfinishedSince
  }

  get unansweredBytes(): number {
    return this.#wire.sentBytes
  }

  hasMoved(): boolean {
    return this.#incoming.hasMoved()
  }

  ping(): void {
    this.#socket.ping()
  }

  cut(reason: Overload): void {
    this.#app.metrics.overloads.inc({ reason })
    this.#release()
    this.#socket.terminate()
  }

  async #arrive(): Promise<SocketClient | null> {
    try {
      const login = await this.#authenticate()
      this.sessionId = login.sessionId
      this.personId = login.actor.id
      this.#app.admission.takeConnection(login.sessionId)
      this.#release = this.#shared.open.admit(this)
      let client: SocketClient | undefined
      let hasEnded = false
      this.#unsubscribe = this.#app.hub.subscribe([sessionTopic(login.sessionId)], () => {
        hasEnded = true
        if (client !== undefined) this.#endIfThrown(this.#recheck(client))
      })
      client = await this.#door.admit(this.#wire, login)
      if (hasEnded) await this.#recheck(client)
      return client
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal('internal', 'The server failed.')
      if (refusal !== error) this.#app.log.error({ err: error }, 'a socket could not be opened')
      this.#door.refuse(this.#socket, refusal)
      this.#socket.close(closeCodeOf(error), reasonOf(error))
      this.#hurry()
      return null
    }
  }

  /**
   * A refused client may read the reason, but not stay: the library gives it a moment, and only `MAX_REFUSED` have it
   * at once.
   */
  #hurry(): void {
    const { refused } = this.#shared
    if (refused.size >= MAX_REFUSED) {
      this.#socket.terminate()
      return
    }
    refused.add(this.#socket)
    this.#socket.once('close', () => refused.delete(this.#socket))
  }

  async #authenticate(): Promise<Login> {
    const { token, client } = this.#caller
    const session = await authenticate(this.#app, token, client)
    if (session === null) throw signedOut()
    if (session.scopes !== null) throw forPeople('sockets')
    return { actor: getActor(this.#app.read, session.userId), sessionId: session.id }
  }

  async #hear(frame: Uint8Array | string, bytes: number): Promise<void> {
    this.lastHeardAt = this.#app.mono()
    this.#wait(1, bytes)
    try {
      const client = await this.#arrival
      if (client !== null) await this.#receive(client, frame, bytes)
    } finally {
      this.#wait(-1, -bytes)
    }
  }

  async #receive(client: SocketClient, frame: Uint8Array | string, bytes: number): Promise<void> {
    this.#endIfThrown(this.#keepAlive(client))
    const { admission } = this.#app
    const { waitingFrames, waitingBytes } = admission.limits
    try {
      admission.takeFrame(this.sessionId, bytes)
      if (this.#waiting.frames > waitingFrames || this.#waiting.bytes > waitingBytes) {
        throw admission.busy('waiting-frames')
      }
      await client.receive(frame)
    } catch (error) {
      client.fail(error)
    }
  }

  /** An uncaught rejection would end the program. */
  #endIfThrown(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#app.log.error({ err: error }, 'a socket failed')
      this.#socket.terminate()
    })
  }

  #isThere(): void {
    this.quietRounds = 0
    this.#wire.sentBytes = 0
  }

  #wait(frames: number, bytes: number): void {
    this.#waiting.frames += frames
    this.#waiting.bytes += bytes
    this.#shared.open.hold(this, bytes)
  }

  /** A connection in use keeps its session alive, like requests do. */
  async #keepAlive(client: SocketClient): Promise<void> {
    if (this.#app.mono() - this.#checkedAt >= RECHECK_MS) await this.#recheck(client)
  }

  async #recheck(client: SocketClient): Promise<void> {
    this.#checkedAt = this.#app.mono()
    try {
      await this.#authenticate()
    } catch (error) {
      client.fail(error)
    }
  }

  async #leave(): Promise<void> {
    this.#release()
    const client = await this.#arrival
    this.#unsubscribe()
    this.#wire.ended()
    client?.end()
  }
}

function signedOut(): Refusal {
  return new Refusal('unauthenticated', 'The session is invalid or has expired.', 'Sign in again; queued work is kept.')
}
