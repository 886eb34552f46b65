/**
 * Recurring work. Patterns are croner's; the clock is the app's: a job runs when `now()` has passed its next time, so a
 * test drives it by moving the clock. A job that fails is logged and runs again at its next time.
 *
 * 1. The next run is never further from now than the pattern says, even after the clock jumped.
 * 2. Lateness is measured by the monotonic clock.
 */
import { Cron } from 'croner'
import type { Log } from './log.ts'
import type { Steadiness } from './steadiness.ts'

const TICK_MS = 500
/** Longer than a long run or a busy machine explains. */
const LATE_MS = 5 * 60_000

interface Job extends JobOptions {
  readonly name: string
  readonly cron: Cron
  readonly run: Work
  nextAt: number
  /** When `nextAt` was found. */
  foundAt: number
  /** By the monotonic clock: when the job must have completed a run. */
  dueBy: number
  /** The time from one run to the next. */
  everyMs: number
  lastRunAt: number | null
  /** Null while it does not run. */
  running: Promise<void> | null
}

/** Stops early, but in good order, when `signal` says that the program stops. */
type Work = (signal: AbortSignal) => void | Promise<void>

interface JobOptions {
  /** The job waits until the clock has not jumped for this long. */
  readonly steadyMs: number
  /** Whether a start counts as a jump: nobody knows what the clock did before. */
  readonly isSinceStart?: boolean
}

/** The state of a job. */
export interface JobState {
  readonly name: string
  /** Epoch ms; null until the job has completed a run. */
  readonly lastRunAt: number | null
  /** How long ago it should have completed a run; 0 while it is on time. */
  readonly overdueMs: number
  /** Whether that is longer than one skipped run explains. */
  readonly isLate: boolean
}

interface Ports {
  readonly log: Log
  readonly steadiness: Steadiness
  now(): number
  mono(): number
  added(job: string): void
  /** Called for each job that fails, besides the log. */
  failed(job: string): void
}

export class Jobs {
  readonly #jobs: Job[] = []
  readonly #ports: Ports
  readonly #startedAt: number
  #timer: NodeJS.Timeout | undefined
  readonly #stopping = new AbortController()

  constructor(ports: Ports) {
    this.#ports = ports
    this.#startedAt = ports.mono()
  }

  /**
   * `pattern` is a cron expression, with seconds if it has six fields; `run` may be late, but never overlaps itself.
   */
  add(name: string, pattern: string, run: Work, options: JobOptions = { steadyMs: 0 }): void {
    const cron = new Cron(pattern, { paused: true, utcOffset: 0 })
    const times = { nextAt: 0, foundAt: 0, everyMs: 0, dueBy: Number.POSITIVE_INFINITY, lastRunAt: null }
    const job: Job = { name, cron, run, ...options, ...times, running: null }
    this.#findNext(job)
    job.dueBy = this.#ports.mono() + job.nextAt - job.foundAt
    this.#jobs.push(job)
    this.#ports.added(name)
  }

  /** Follows the real clock until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => void this.runDue(), TICK_MS)
  }

  /** Runs every job whose time has come, once each. One that takes long does not hold up the others. */
  async runDue(): Promise<void> {
    const { now, mono, steadiness } = this.#ports
    const steadyForMs = steadiness.steadyForMs()
    const sinceStartMs = Math.min(steadyForMs, mono() - this.#startedAt)
    for (const job of this.#jobs) {
      if (now() < job.foundAt) this.#findNext(job)
      const isSteady = job.steadyMs <= (job.isSinceStart === true ? sinceStartMs : steadyForMs)
      if (job.running !== null || job.nextAt > now() || !isSteady) continue
      job.running = this.#run(job).finally(() => {
        job.running = null
      })
    }
    await this.#idle()
  }

  states(): JobState[] {
    const at = this.#ports.mono()
    return this.#jobs.map(({ name, lastRunAt, dueBy, everyMs, steadyMs }) => {
      const overdueMs = Math.max(0, at - dueBy)
      return { name, lastRunAt, overdueMs, isLate: overdueMs > everyMs + steadyMs + LATE_MS }
    })
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
    const { now, mono, log, failed } = this.#ports
    this.#findNext(job)
    try {
      await job.run(this.#stopping.signal)
      job.lastRunAt = now()
      job.dueBy = mono() + Math.max(0, job.nextAt - job.lastRunAt)
    } catch (error) {
      log.error({ err: error, job: job.name }, 'a job failed')
      failed(job.name)
    }
  }

  #findNext(job: Job): void {
    job.foundAt = this.#ports.now()
    job.nextAt = after(job.cron, job.foundAt)
    job.everyMs = after(job.cron, job.nextAt) - job.nextAt
  }
}

function after(cron: Cron, at: number): number {
  return Number.isFinite(at) ? (cron.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY) : at
}
