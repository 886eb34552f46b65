/**
 * Recurring work. Patterns are croner's; the clock is the app's: a job runs when `now()` has passed its next time, so
 * a test drives it by moving the clock. A job that fails is logged and runs again at its next time.
 */
import { Cron } from 'croner'
import type { Log } from './log.ts'

const TICK_MS = 500

interface Job {
  readonly name: string
  readonly cron: Cron
  readonly run: Work
  nextAt: number
  /** Null while it does not run. */
  running: Promise<void> | null
}

/** Gives up early, but in good order, when `signal` says that the program stops. */
type Work = (signal: AbortSignal) => Promise<void>

export class Jobs {
  readonly #jobs: Job[] = []
  readonly #now: () => number
  readonly #log: Log
  readonly #failed: (job: string) => void
  #timer: NodeJS.Timeout | undefined
  readonly #stopping = new AbortController()

  /** `failed` hears of each job that fails, besides the log. */
  constructor(now: () => number, log: Log, failed: (job: string) => void = () => undefined) {
    this.#now = now
    this.#log = log
    this.#failed = failed
  }

  /** `pattern` is a cron expression, with seconds if it has six fields; `run` may be called late, never twice at once. */
  add(name: string, pattern: string, run: Work): void {
    const cron = new Cron(pattern, { paused: true, utcOffset: 0 })
    this.#jobs.push({ name, cron, run, nextAt: this.#after(cron), running: null })
  }

  /** Follows the real clock until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => void this.runDue(), TICK_MS)
  }

  /** Runs every job whose time has come, once each. One that takes long does not hold up the others. */
  async runDue(): Promise<void> {
    for (const job of this.#jobs) {
      if (job.running !== null || job.nextAt > this.#now()) continue
      job.running = this.#run(job).finally(() => {
        job.running = null
      })
    }
    await this.#idle()
  }

  /** Resolves when no job runs any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#idle()
  }

  async #idle(): Promise<void> {
    for (const { running } of this.#jobs) await running
  }

  async #run(job: Job): Promise<void> {
    job.nextAt = this.#after(job.cron)
    try {
      await job.run(this.#stopping.signal)
    } catch (error) {
      this.#log.error({ err: error, job: job.name }, 'a job failed')
      this.#failed(job.name)
    }
  }

  #after(cron: Cron): number {
    return cron.nextRun(new Date(this.#now()))?.getTime() ?? Number.POSITIVE_INFINITY
  }
}
