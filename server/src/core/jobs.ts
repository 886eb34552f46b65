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
  readonly run: () => Promise<void>
  nextAt: number
}

export class Jobs {
  readonly #jobs: Job[] = []
  readonly #now: () => number
  readonly #log: Log
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(now: () => number, log: Log) {
    this.#now = now
    this.#log = log
  }

  /** `pattern` is a cron expression, with seconds if it has six fields; `run` may be called late, never twice at once. */
  add(name: string, pattern: string, run: () => Promise<void>): void {
    const cron = new Cron(pattern, { paused: true, timezone: 'UTC' })
    this.#jobs.push({ name, cron, run, nextAt: this.#after(cron) })
  }

  /** Follows the real clock until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => void this.runDue(), TICK_MS)
  }

  /** Runs every job whose time has come, once each, one after the other. */
  runDue(): Promise<void> {
    this.#running = this.#running.then(async () => {
      for (const job of this.#jobs) if (job.nextAt <= this.#now()) await this.#run(job)
    })
    return this.#running
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #run(job: Job): Promise<void> {
    job.nextAt = this.#after(job.cron)
    try {
      await job.run()
    } catch (error) {
      this.#log.error({ err: error, job: job.name }, 'a job failed')
    }
  }

  #after(cron: Cron): number {
    return cron.nextRun(new Date(this.#now()))?.getTime() ?? Number.POSITIVE_INFINITY
  }
}
