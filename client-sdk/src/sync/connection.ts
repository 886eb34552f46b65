/**
 * Keeps a connection to the server while the device should have one: drives the states of `link.ts` with sockets and
 * timers. Its host interprets the frames.
 */
import { isErrorCode, needsSignIn, Refusal } from '@rejoin/shared/errors.ts'
import {
  BEARER_PREFIX,
  ServerFrame,
  SUBPROTOCOL,
  type Batch,
  type ErrorFrame,
  type Incarnation,
  type PresenceReport,
} from '@rejoin/shared/sync/wire.ts'
import { decodeFrame } from '@rejoin/shared/sync/encoding.ts'
import type { ConnectionState } from '../changes.ts'
import type { Environment, Socket } from '../environment.ts'
import { delayMs, follow, hasSocket, OFFLINE, type Link, type LinkEvent } from './link.ts'
import { Session } from './session.ts'
import { Watchdog } from './watchdog.ts'

export interface ConnectionHost {
  readonly environment: Environment
  /** The URL of the `/sync` door. */
  readonly url: string
  /** The server is asked whether it is there after this long without a word. */
  readonly pingMs: number
  token(): string | null
  /** The session may send now. */
  opened(session: Session): void
  /** Rejects when the frame was not taken; the connection is dropped then. */
  received(session: Session, frame: Batch | PresenceReport): Promise<void>
  /** Erases everything that came from the server. Rejects when it could not be erased. */
  wipe(): Promise<void>
  /** The device is another one from now on: its store was copied. Rejects when that could not be stored. */
  become(incarnation: Incarnation): Promise<void>
  stateChanged(state: ConnectionState): void
}

export class Connection {
  readonly #host: ConnectionHost
  #link: Link = OFFLINE
  #session: Session | null = null
  #problem: Error | null = null
  /** Monotonic time before which the server wants no connection. */
  #notBefore = 0
  #cancelWait: () => void = () => undefined
  readonly #watchdog: Watchdog

  constructor(host: ConnectionHost) {
    this.#host = host
    this.#watchdog = new Watchdog({
      environment: host.environment,
      pingMs: host.pingMs,
      isLive: () => this.state === 'live',
      ping: () => {
        if (this.#session?.hasSentHello === true) this.#session.send({ type: 'ping' })
      },
      silent: () => {
        if (this.#session !== null) this.fail(this.#session, new Refusal('unavailable', 'The server does not answer.'))
      },
    })
  }

  get state(): ConnectionState {
    return this.#link.state
  }

  /** Why the device is not live, as far as it knows. */
  get problem(): Error | null {
    return this.#problem
  }

  /** The session that may send now, or null. */
  get session(): Session | null {
    return this.state === 'catching-up' || this.state === 'live' ? this.#session : null
  }

  connect(): void {
    if (this.state === 'waiting') this.#notBefore = 0
    this.#watchdog.doubt()
    this.#follow('connect')
  }

  disconnect(): void {
    this.#follow('disconnect')
  }

  signedIn(): void {
    this.#follow('sign-in')
  }

  /** There is a reason to try now. It shortens the device's own back-off, never a wait that the server asked for. */
  nudge(): void {
    if (this.#host.environment.mono() >= this.#notBefore) this.#follow('nudge')
  }

  /** The network is back, or the person: the connection may have died meanwhile. */
  returned(): void {
    this.#watchdog.doubt()
    this.nudge()
  }

  close(): void {
    this.#follow('close')
  }

  /** From now on the server has to answer in time, unless it is being waited for already. */
  expectAnswer(): void {
    if (this.#session !== null) this.#watchdog.expectAnswer()
  }

  /** Gives up `session`, if it is still the one in use, because of `error`. */
  fail(session: Session, error: unknown, retryAfterMs = 0): void {
    if (session !== this.#session) return
    this.#problem = error instanceof Error ? error : new Error(String(error))
    this.#askToWait(retryAfterMs)
    this.#follow(mustSignIn(error) ? 'rejected' : 'lost')
  }

  #follow(event: LinkEvent): void {
    const before = this.#link
    const after = follow(before, event)
    if (after === before) return
    this.#link = after
    const isNewSocket = after.socket !== before.socket
    if (isNewSocket || !hasSocket(after)) this.#hangUp()
    if (after.state === 'waiting') this.#wait()
    if (after.state === 'live') this.#problem = null
    if (after.state !== before.state) this.#host.stateChanged(after.state)
    // A listener may have asked for something else meanwhile.
    if (isNewSocket && this.#link === after) this.#dial()
  }

  #askToWait(retryAfterMs: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#host.environment.mono() + retryAfterMs)
  }

  #hangUp(): void {
    this.#cancelWait()
    this.#watchdog.end()
    this.#session?.end()
    this.#session = null
  }

  #wait(): void {
    const { environment } = this.#host
    const retryAfterMs = Math.max(0, this.#notBefore - environment.mono())
    const delay = delayMs(this.#link.attempts, environment.random(), retryAfterMs)
    this.#cancelWait = environment.after(delay, () => this.#follow('retry'))
  }

  #dial(): void {
    const { environment, url } = this.#host
    const token = this.#host.token()
    if (token === null) {
      this.#problem = new Refusal('unauthenticated', 'Nobody is signed in on this device.', 'Sign in.')
      this.#follow('rejected')
      return
    }
    try {
      this.#begin(new environment.WebSocket(url, [SUBPROTOCOL, BEARER_PREFIX + token]))
    } catch (error) {
      // The host forbids the connection, as an HTTPS page forbids one without TLS.
      this.#problem = error instanceof Error ? error : new Error(String(error))
      this.#follow('lost')
    }
  }

  #begin(socket: Socket): void {
    socket.binaryType = 'arraybuffer'
    const session = new Session(socket)
    this.#session = session
    const lost = () => {
      if (!session.hasLastWord) this.fail(session, new Refusal('unavailable', 'The server cannot be reached.'))
    }
    socket.addEventListener('error', lost)
    socket.addEventListener('close', lost)
    socket.addEventListener('message', (event) => this.#received(session, event))
    socket.addEventListener('open', () => this.#opened(session))
    this.expectAnswer()
  }

  #opened(session: Session): void {
    if (session !== this.#session) return
    this.#follow('opened')
    this.#watchdog.begin()
    this.#host.opened(session)
  }

  #received(session: Session, event: unknown): void {
    if (session !== this.#session || session.hasLastWord) return
    this.#watchdog.heard()
    try {
      const frame = decodeFrame(ServerFrame, dataOf(event))
      if (frame.type === 'error') this.#refused(session, frame)
      else if (frame.type === 'pong') this.#isThere(session)
      else this.#take(session, frame)
    } catch (error) {
      this.fail(session, error)
    }
  }

  /** The device wipes or changes its identity, as the frame asks, before it is signed out or tries again. */
  #refused(session: Session, frame: ErrorFrame): void {
    const { wipe, become } = frame
    if (!wipe && become === undefined) {
      this.fail(session, refusalOf(frame), frame.retryAfter)
      return
    }
    session.hasLastWord = true
    this.#watchdog.expectNothing()
    const done = become === undefined ? this.#host.wipe() : this.#host.become(become)
    done.then(
      () => {
        this.fail(session, refusalOf(frame))
        // A device with a new identity retries at once, unless the attempt before gave it a new identity too.
        if (become !== undefined && this.#link.attempts <= 2) this.#follow('retry')
      },
      (error: unknown) => this.fail(session, error),
    )
  }

  /** Nothing more is expected of a server that owes no verdict. */
  #isThere(session: Session): void {
    if (this.state === 'live' && session.inFlight.size === 0) this.#watchdog.expectNothing()
  }

  #take(session: Session, frame: Batch | PresenceReport): void {
    if (frame.type === 'batch' && frame.retryAfter !== undefined) this.#askToWait(frame.retryAfter)
    this.#host.received(session, frame).then(
      () => {
        if (session !== this.#session) return
        if (frame.type === 'batch') this.#follow('batch')
        if (frame.type === 'batch' && !frame.more) this.#follow('caught-up')
        this.#isThere(session)
      },
      (error: unknown) => this.fail(session, error),
    )
  }
}

const ENDS = new Set<string>(['foreign-device', 'device-revoked'])

/** Whether a person must sign in: the token is rejected, or the store is another person's or was revoked. */
function mustSignIn(error: unknown): boolean {
  return error instanceof Refusal && (needsSignIn(error.code) || ENDS.has(error.code))
}

function refusalOf({ code, message, hint }: ErrorFrame): Refusal {
  return new Refusal(isErrorCode(code) ? code : 'internal', message, hint)
}

function dataOf(event: unknown): Uint8Array | string {
  const { data } = event as { data: ArrayBuffer | string }
  return typeof data === 'string' ? data : new Uint8Array(data)
}
