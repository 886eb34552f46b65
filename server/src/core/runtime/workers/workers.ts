/**
 * Worker threads, for work whose cost outsiders decide: it has limits of time and memory, and the main thread continues
 * meanwhile. A task that passes a limit is ended in the middle of a loop, and its thread with it.
 *
 * 1. Each task has a thread of its own, so that none meets the leftovers of another; where threads are kept, a thread
 *    whose task has answered takes the next one.
 * 2. The time limit counts the computing time of the thread for the task, so that a busy machine refuses nothing; by
 *    the clock the limit is `PATIENCE` times that.
 * 3. No more threads run than `threads`, no more tasks wait than `waiting`; the next one is refused.
 * 4. A task ends with its output, with the `Refusal` that it threw, or with one that names the limit that it passed.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { isExecutable, textAsset } from '../assets.ts'
import { Busy } from '../retry-later.ts'
import { Conversation, MEMORY_MB, type Limits } from './conversation.ts'
import type { Asked, Task } from './task.ts'

/** The asset of the executable that holds the entry file with all that it imports, as CommonJS: see `server/build/`. */
export const WORKER_ASSET = 'worker.cjs'

const ENTRY = join(import.meta.dirname, '../../../worker.ts')
const RETRY_MS = 5000
/** An idle thread is ended after this time. */
const KEPT_MS = 60_000

export interface WorkersOptions {
  /** How many tasks run at once. */
  readonly threads?: number
  /** How many more may wait for a thread. */
  readonly waiting?: number
  /**
   * Keeps threads, because starting one takes half a second of CPU: for tasks of the program's own, which trust each
   * other.
   */
  readonly isKept?: boolean
  /** The file with which a thread begins. */
  readonly entry?: string | undefined
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

  /** Ends the running tasks, and refuses the waiting ones. */
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

  async #inThread(asked: Asked, limits: Limits): Promise<unknown> {
    if (this.#isClosed) {
      this.#giveTurn()
      throw new Busy(RETRY_MS)
    }
    const kept = this.#takeKept()
    const worker = kept ?? start(this.#entry, limits.memoryMb ?? MEMORY_MB)
    this.#running.add(worker)
    const conversation = new Conversation(worker, asked, limits)
    if (kept !== undefined) conversation.begin()
    try {
      return await conversation.answer
    } finally {
      conversation.end()
      if (this.#isKept && conversation.isSound && !this.#isClosed) this.#keep(worker)
      else this.#end(worker)
    }
  }

  /** Ends the thread, and gives its turn to the next task when it has ended. */
  #end(worker: Worker): void {
    // SQLite does not end a query in the middle: the caller is answered now, the next task waits for the thread.
    void worker.terminate().then(() => {
      this.#running.delete(worker)
      this.#giveTurn()
    })
  }

  #keep(worker: Worker): void {
    silence(worker)
    // It may fail while no task waits for it: then another one is started.
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

/** Not every listener: some belong to Node, which starts and stops the port of the thread by them. */
function silence(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
}

function start(entry: string | undefined, memoryMb: number): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }
  // Nothing can be imported from within the executable, so the thread evaluates the text of one whole program.
  if (entry === undefined && isExecutable) return new Worker(textAsset(WORKER_ASSET), { eval: true, resourceLimits })
  return new Worker(entry ?? ENTRY, { resourceLimits, execArgv: [] })
}
