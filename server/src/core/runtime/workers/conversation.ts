/** One task in one thread: it is handed over when the thread is ready, watched while it computes, and answered once. */
import type { Worker } from 'node:worker_threads'
import { Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'
import { Busy } from '../retry-later.ts'
import type { Asked, Told } from './task.ts'

/** For loading the program, which no input makes slower. */
const START_MS = 30_000
const RETRY_MS = 5000
/** How many times its computing time a task may take by the clock. */
const PATIENCE = 10
const LOOK_MS = 100
const TIME_MS = 2000
/** The default memory limit of a task. */
export const MEMORY_MB = 128

export interface Limits {
  /** Names the person's input in the refusal: "ics". */
  readonly what: string
  /** What to do instead. */
  readonly hint?: string
  /** Computing time. */
  readonly timeMs?: number
  readonly memoryMb?: number
  /** Gets the notes of the task. */
  readonly noted?: (noted: unknown) => void
}

export class Conversation {
  readonly #worker: Worker
  readonly #asked: Asked
  readonly #limits: Limits
  readonly #end = Promise.withResolvers<unknown>()
  #timer: NodeJS.Timeout
  #isSound = false

  /** Throws out of `answer`: `Refusal('too-large')` where the task passes a limit, `Busy` where the thread ends. */
  constructor(worker: Worker, asked: Asked, limits: Limits) {
    this.#worker = worker
    this.#asked = asked
    this.#limits = limits
    const { reject } = this.#end
    this.#timer = setTimeout(() => reject(new Error('A worker thread did not start.')), START_MS)
    worker.on('message', (told: Told) => {
      try {
        this.#hear(told)
      } catch (error) {
        // The listener of the notes threw: only this task fails.
        this.#isSound = false
        reject(error)
      }
    })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch(limits) : error)
    })
    worker.on('exit', () => reject(new Busy(RETRY_MS)))
  }

  get answer(): Promise<unknown> {
    return this.#end.promise
  }

  /** Whether the thread can take another task. */
  get isSound(): boolean {
    return this.#isSound
  }

  begin(): void {
    const { reject } = this.#end
    const { timeMs = TIME_MS } = this.#limits
    clearTimeout(this.#timer)
    this.#timer = watch(this.#worker, timeMs, () => reject(tooSlow(this.#limits)))
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that of Node has none
      this.#worker.postMessage(this.#asked)
    } catch (error) {
      // The input cannot be copied.
      reject(error)
    }
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #hear(told: Told): void {
    const { resolve, reject } = this.#end
    this.#isSound = told.type === 'done' || told.type === 'refused'
    if (told.type === 'ready') this.begin()
    else if (told.type === 'noted') this.#limits.noted?.(told.noted)
    else if (told.type === 'done') resolve(told.output)
    else if (told.type === 'failed') reject(told.error)
    else reject(new Refusal(told.code as ErrorCode, told.message, told.hint))
  }
}

/** Calls `end` when the thread has computed for `timeMs` from now on, or at the latest after `PATIENCE` times that. */
function watch(worker: Worker, timeMs: number, end: () => void): NodeJS.Timeout {
  const lookMs = Math.min(LOOK_MS, timeMs)
  // A thread that is kept has computed for other tasks before.
  const before = computedMs(worker)
  let looks = 0
  let computed = 0
  let unanswered = 0
  const look = async () => {
    looks += 1
    unanswered += 1
    // A thread does not answer in the middle of a query of SQLite, which computes all the while.
    if (looks >= PATIENCE * (timeMs / lookMs) || computed + (unanswered - 1) * lookMs >= timeMs) end()
    computed = (await computedMs(worker)) - (await before)
    unanswered = 0
    if (computed >= timeMs) end()
  }
  return setInterval(() => void look(), lookMs)
}

/** Ms since the thread began. A thread that has ended reports the reason itself. */
async function computedMs(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage().catch(() => ({ user: 0, system: 0 }))
  return (user + system) / 1000
}

const SEND_LESS = 'Nothing was changed. Send less, or something simpler.'

function tooSlow({ what, hint = SEND_LESS, timeMs = TIME_MS }: Limits): Refusal {
  const message = `${what}: computing it takes longer than ${timeMs / 1000} s.`
  return new Refusal('too-large', message, hint)
}

function tooMuch({ what, hint = SEND_LESS, memoryMb = MEMORY_MB }: Limits): Refusal {
  const message = `${what}: computing it takes more than ${memoryMb} MiB of memory.`
  return new Refusal('too-large', message, hint)
}
