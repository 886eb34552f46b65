/**
 * Notices that the line to the server is dead, which closes no socket: a limit of time for each answer that is due, and
 * a question after a long silence. What becomes of the connection then is for `connection.ts`.
 */
import type { Environment } from '../environment.ts'

/** A server that owes an answer this long is taken for unreachable: a dead network does not close a socket. */
const ANSWER_TIMEOUT_MS = 60_000
/** Where there is a reason to think that the line is dead. */
const DOUBTED_TIMEOUT_MS = 10_000
/** The lead of the wall clock over a timer that shows that the device has slept. */
const SLEPT_MS = 10_000

interface Line {
  readonly environment: Environment
  /** The server is asked whether it is there after this long without a word. */
  readonly pingMs: number
  isLive(): boolean
  ping(): void
  /** The server has not answered in time. */
  silent(): void
}

export class Watchdog {
  readonly #line: Line
  #cancelBeat: () => void = () => undefined
  #cancelDeadline: (() => void) | null = null
  /** When the server sent something last, by the monotonic clock. */
  #heardAt = 0

  constructor(line: Line) {
    this.#line = line
  }

  /** The line is open. */
  begin(): void {
    this.#heardAt = this.#line.environment.mono()
    this.#beat()
  }

  end(): void {
    this.#cancelBeat()
    this.expectNothing()
  }

  /** The server has sent something, and owes the next frame from now on. */
  heard(): void {
    this.#heardAt = this.#line.environment.mono()
    this.expectNothing()
    this.expectAnswer()
  }

  /** From now on the server has to answer in time, unless it is being waited for already. */
  expectAnswer(withinMs = ANSWER_TIMEOUT_MS): void {
    this.#cancelDeadline ??= this.#line.environment.after(withinMs, () => this.#line.silent())
  }

  expectNothing(): void {
    this.#cancelDeadline?.()
    this.#cancelDeadline = null
  }

  /** Tries the line, if there seems to be one from which nothing is awaited: who is not heard soon is unreachable. */
  doubt(): void {
    if (!this.#line.isLive() || this.#cancelDeadline !== null) return
    this.expectAnswer(DOUBTED_TIMEOUT_MS)
    this.#line.ping()
  }

  /** Looks whether the server is still there, when it has sent nothing for long. */
  #beat(): void {
    const { environment, pingMs } = this.#line
    if (pingMs === Infinity) return
    const silentMs = () => environment.mono() - this.#heardAt
    const waitMs = silentMs() < pingMs ? pingMs - silentMs() : pingMs
    const began = environment.now()
    this.#cancelBeat = environment.after(waitMs, () => {
      if (environment.now() - began > waitMs + SLEPT_MS) this.doubt()
      else if (silentMs() >= pingMs && this.#cancelDeadline === null) {
        this.expectAnswer(pingMs)
        this.#line.ping()
      }
      this.#beat()
    })
  }
}
