/**
 * Worker threads, for work whose cost outsiders decide: it has a limit of time and memory, and the main thread goes on
 * meanwhile. A task that passes a limit is ended in the middle of a loop, and its thread with it.
 *
 * 1. Each task has a thread of its own, so that none meets what another left behind; where threads are kept, one whose
 *    task has answered takes the next.
 * 2. Time is what the thread computes for the task, so that a busy machine refuses nothing; by the clock it is `PATIENCE`
 *    times that.
 * 3. No more threads run than `threads`, no more tasks wait than `waiting`; the next one is refused.
 * 4. A task ends with its output, with the `Refusal` that it threw, or with one that names the limit that it passed.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'
import { isExecutable, textAsset } from '../assets.ts'
import { Busy } from '../busy.ts'
import type { Asked, Task, Told } from './task.ts'

/** The asset of the executable that holds the entry file with all that it imports, as CommonJS: see `server/build/`. */
export const WORKER_ASSET = 'worker.cjs'

const ENTRY = join(import.meta.dirname, '../../../worker.ts')
/** For loading the program, which no outsider makes slower. */
const START_MS = 30_000
const RETRY_MS = 5000
const PATIENCE = 10
const LOOK_MS = 100
/** A thread that nobody has needed for so long is ended. */
const KEPT_MS = 60_000

export interface Limits {
  /** What the person sent, for the sentence that refuses it: "ics". */
  readonly what: string
  /** What to do instead. */
  readonly hint?: string
  /** Computing time. */
  readonly timeMs?: number
  readonly memoryMb?: number
  /** Told what the task notes. */
  readonly noted?: (noted: unknown) => void
}

export interface WorkersOptions {
  /** How many tasks run at once. */
  readonly threads?: number
  /** How many more may wait for a thread. */
  readonly waiting?: number
  /** To start a thread takes half a second of CPU: for tasks of the program's own, which trust each other. */
  readonly isKept?: boolean
  /** The file with which a thread begins. */
  readonly entry?: string
}

export class Workers {
  readonly #threads: number
  readonly #waiting: number
  readonly #entry: string | undefined
  readonly #isKept: boolean
  readonly #idle: Worker[] = []
  readonly #running = new Set<Worker>()
  readonly #line: (() => void)[] = []
  #busy = 0
  #isClosed = false

  constructor({ threads = 1, waiting = 10, isKept = false, entry }: WorkersOptions = {}) {
    this.#threads = threads
    this.#waiting = waiting
    this.#entry = entry
    this.#isKept = isKept
  }

  /** Throws `Refusal('too-large')` when the task passes a limit, and `Refusal('unavailable')` when too many wait. */
  async run<Input, Output>(task: Task<Input, Output>, input: Input, limits: Limits): Promise<Output> {
    await this.#turn()
    return (await this.#inThread({ name: task.name, input }, limits)) as Output
  }

  /** Ends what runs, and refuses what waits. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#running].map((worker) => worker.terminate()))
  }

  async #turn(): Promise<void> {
    if (this.#busy < this.#threads) {
      this.#busy += 1
      return
    }
    if (this.#line.length >= this.#waiting) throw new Busy(RETRY_MS)
    await new Promise<void>((resolve) => void this.#line.push(resolve))
  }

  async #inThread(
    asked: Asked,
    { what, hint = SEND_LESS, timeMs = 2000, memoryMb = 128, noted }: Limits,
  ): Promise<unknown> {
    if (this.#isClosed) {
      this.#giveTurn()
      throw new Busy(RETRY_MS)
    }
    const kept = this.#takeKept()
    const worker = kept ?? start(this.#entry, memoryMb)
    this.#running.add(worker)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    let timer = setTimeout(() => reject(new Error('A worker thread did not start.')), START_MS)
    let isSound = false
    const begin = () => {
      clearTimeout(timer)
      timer = watch(worker, timeMs, () => reject(tooSlow(what, hint, timeMs)))
      try {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that of Node has none
        worker.postMessage(asked)
      } catch (error) {
        // It cannot be copied.
        reject(error)
      }
    }
    const hear = (told: Told) => {
      isSound = told.type === 'done' || told.type === 'refused'
      if (told.type === 'ready') begin()
      else if (told.type === 'noted') noted?.(told.noted)
      else if (told.type === 'done') resolve(told.output)
      else if (told.type === 'failed') reject(told.error)
      else reject(new Refusal(told.code as ErrorCode, told.message, told.hint))
    }
    worker.on('message', (told: Told) => {
      try {
        hear(told)
      } catch (error) {
        // Of who is told what was noted: this task fails, and no other.
        isSound = false
        reject(error)
      }
    })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch(what, hint, memoryMb) : error)
    })
    worker.on('exit', () => reject(new Busy(RETRY_MS)))
    if (kept !== undefined) begin()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      if (this.#isKept && isSound && !this.#isClosed) this.#keep(worker)
      else this.#end(worker)
    }
  }

  /** Ends it, and gives its turn to the next one when it has ended. */
  #end(worker: Worker): void {
    // A query of SQLite is not ended in the middle: whoever asked is answered, the next one waits for the thread.
    void worker.terminate().then(() => {
      this.#running.delete(worker)
      this.#giveTurn()
    })
  }

  #keep(worker: Worker): void {
    silence(worker)
    // It may fail while nobody waits for it: then another one is started.
    worker.on('error', () => undefined)
    worker.on('exit', () => this.#forget(worker))
    worker.unref()
    this.#idle.push(worker)
    setTimeout(() => this.#idle.includes(worker) && void worker.terminate(), KEPT_MS).unref()
    this.#giveTurn()
  }

  #takeKept(): Worker | undefined {
    const worker = this.#idle.pop()
    if (worker === undefined) return undefined
    silence(worker)
    worker.ref()
    return worker
  }

  #forget(worker: Worker): void {
    this.#running.delete(worker)
    const at = this.#idle.indexOf(worker)
    if (at !== -1) this.#idle.splice(at, 1)
  }

  #giveTurn(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#busy -= 1
    else next()
  }
}

/** Not every listener: by some of them Node starts and stops the port of the thread. */
function silence(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
}

function start(entry: string | undefined, memoryMb: number): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }
  // Nothing can be imported from within the executable, so the thread evaluates the text of one whole program.
  if (entry === undefined && isExecutable) return new Worker(textAsset(WORKER_ASSET), { eval: true, resourceLimits })
  return new Worker(entry ?? ENTRY, { resourceLimits, execArgv: [] })
}

/** Calls `end` when the thread has computed for `timeMs` from now on, or it is much later. */
function watch(worker: Worker, timeMs: number, end: () => void): NodeJS.Timeout {
  const lookMs = Math.min(LOOK_MS, timeMs)
  // A thread that is kept has computed for others before.
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

/** Since the thread began. One that has ended says why itself. */
async function computedMs(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage().catch(() => ({ user: 0, system: 0 }))
  return (user + system) / 1000
}

const SEND_LESS = 'Nothing was changed. Send less, or something simpler.'

function tooSlow(what: string, hint: string, timeMs: number): Refusal {
  const message = `${what}: computing it takes longer than ${timeMs / 1000} s.`
  return new Refusal('too-large', message, hint)
}

function tooMuch(what: string, hint: string, memoryMb: number): Refusal {
  const message = `${what}: computing it takes more than ${memoryMb} MiB of memory.`
  return new Refusal('too-large', message, hint)
}
