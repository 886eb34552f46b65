/**
 * Metrics for the operator: the one registry, and every figure in it by name. Other code only counts and observes.
 *
 * 1. Labels come from closed sets, except for a device's id, of which there are at most fifty at a time.
 * 2. No label names a person, a ticket or a secret.
 * 3. No label is called `job` or `instance`, which Prometheus sets itself: it would rename ours.
 * 4. A counter whose increase an alert watches exists from the start: Prometheus sees no increase from absent to 1.
 */
import type { JobState } from './jobs.ts'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { standardOutput } from './standard-output.ts'

/** Why a client is turned away for now. */
export type Overload =
  | 'frames'
  | 'bytes'
  | 'waiting-frames'
  | 'waiting-commands'
  | 'slow-reader'
  | 'sockets'
  | 'held-bytes'
  | 'stalled'
  | 'silent'
  | 'devices'
  | 'presence'

/** Figures that are measured at each scrape rather than when they change. */
export interface Sources {
  documentsInMemory(): number
  waitingCommands(): number
  /** Figures from the disk and the database, in seconds and bytes; null if there is none. */
  vitals(): Promise<Vitals>
  jobs(): readonly JobState[]
  /** For each device, how long its oldest command had waited at its last report, in ms; the longest first. */
  oldestPending(limit: number): Promise<readonly { deviceId: string; waitedMs: number }[]>
}

/** Figures that have to be read from the disk and the database. */
export interface Vitals {
  /** How long the oldest SLA clock that the sweep has not seen has been due. */
  readonly sweepLagSeconds: number
  readonly outboxWaiting: number
  readonly outboxSetAside: number
  /** How long the oldest due message has been waiting to go out. */
  readonly outboxLagSeconds: number
  readonly diskFreeBytes: number
  readonly databaseBytes: number
  readonly backupAgeSeconds: number | null
}

const VITALS: Readonly<Record<keyof Vitals, readonly [name: string, help: string]>> = {
  sweepLagSeconds: ['rejoin_sla_sweep_lag_seconds', 'How long the oldest due SLA clock has waited for the sweep.'],
  outboxWaiting: ['rejoin_outbox_waiting', 'Messages waiting to be sent.'],
  outboxSetAside: ['rejoin_outbox_set_aside', 'Messages set aside until an administrator decides.'],
  outboxLagSeconds: ['rejoin_outbox_lag_seconds', 'How long the oldest due message has waited.'],
  diskFreeBytes: ['rejoin_disk_free_bytes', 'Free space on the disk of the data directory.'],
  databaseBytes: ['rejoin_database_bytes', 'Size of the database file and its log.'],
  backupAgeSeconds: ['rejoin_backup_age_seconds', 'Age of the newest backup; absent without a backup.'],
}

const DEVICES_LISTED = 50
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const COMMANDS = [1, 2, 5, 10, 20, 50, 100, 200]

let ofProcess: Registry | undefined

export class Metrics {
  readonly #registry = new Registry()

  readonly devices = this.#gauge('rejoin_devices_connected', 'Devices with an open sync session.')
  readonly exchanges = this.#counter('rejoin_exchanges_total', 'Sync exchanges, by door.', ['door'])
  readonly frames = this.#counter('rejoin_frames_total', 'Frames on /sync.', ['kind', 'direction'])
  readonly bytes = this.#counter('rejoin_frame_bytes_total', 'Bytes of the frames on /sync.', ['kind', 'direction'])
  readonly catchUps = this.#counter('rejoin_catch_ups_total', 'Catch-ups of devices, by mode.', ['mode'])
  readonly undeliverable = this.#counter(
    'rejoin_undeliverable_documents_total',
    'Documents not sent because they are too large for a device.',
    [],
  )
  readonly verdicts = this.#counter('rejoin_verdicts_total', 'Verdicts on commands, without repeats.', [
    'outcome',
    'code',
  ])
  readonly overloads = this.#counter(
    'rejoin_overloads_total',
    'Requests and connections turned away because of load, by reason.',
    ['reason'],
  )
  readonly requests = this.#counter('rejoin_http_requests_total', 'HTTP requests, by route.', ['route', 'status'])
  readonly requestSeconds = this.#histogram('rejoin_http_request_seconds', 'Duration of HTTP requests.', SECONDS, [
    'route',
  ])
  readonly jobFailures = this.#counter('rejoin_job_failures_total', 'Failed runs of jobs.', ['task'])
  readonly clockJumps = this.#counter(
    'rejoin_clock_jumps_total',
    'Jumps of the system clock by more than a minute.',
    [],
  )
  readonly damages = this.#counter('rejoin_damages_total', 'Damage found in stored data, by kind.', ['kind'])
  readonly slowQueries = this.#counter('rejoin_slow_queries_total', 'Queries slower than REJOIN_SLOW_QUERY_MS.', [])
  readonly preparations = this.#counter(
    'rejoin_preparations_total',
    'Costly preparations of commands, such as hashing a password.',
    ['command'],
  )
  readonly batchFailures = this.#counter(
    'rejoin_commit_failures_total',
    'Transactions that could not be committed.',
    [],
  )
  readonly batchCommands = this.#histogram('rejoin_commit_batch_commands', 'Commands per transaction.', COMMANDS)
  readonly batchSeconds = this.#histogram(
    'rejoin_commit_batch_seconds',
    'Duration of a transaction, from begin to commit.',
    SECONDS,
  )
  readonly syncSeconds = this.#histogram(
    'rejoin_commit_sync_seconds',
    'Duration of the last step of a transaction, until it is on disk.',
    SECONDS,
  )

  readonly slaDrift = this.#gauge(
    'rejoin_sla_drifting_tickets',
    'Tickets in the last nightly sample whose SLA clocks differ from their event log; alert above 0.',
  )

  constructor() {
    ofProcess ??= startProcessMetrics()
  }

  /** Adds the figures that are read from elsewhere at each scrape. */
  watch({ documentsInMemory, waitingCommands, oldestPending, vitals, jobs }: Sources): void {
    this.#gauge('rejoin_documents_in_memory', 'Documents held in memory.', (gauge) => gauge.set(documentsInMemory()))
    this.#gauge('rejoin_commit_queue_commands', 'Commands waiting to be committed.', (gauge) =>
      gauge.set(waitingCommands()),
    )
    this.#watchVitals(vitals)
    this.#watchJobs(jobs)
    const oldest: Gauge<'device'> = new Gauge({
      name: 'rejoin_device_oldest_pending_seconds',
      help: `How long the oldest unsent command of a device had waited at its last contact; the ${DEVICES_LISTED} longest waits.`,
      labelNames: ['device'],
      registers: [this.#registry],
      async collect() {
        oldest.reset()
        for (const { deviceId, waitedMs } of await oldestPending(DEVICES_LISTED)) {
          oldest.set({ device: deviceId }, waitedMs / 1000)
        }
      },
    })
  }

  #watchJobs(jobs: () => readonly JobState[]): void {
    this.#gauge(
      'rejoin_job_last_run_timestamp_seconds',
      'Time of the last completed run of a job.',
      (gauge) => {
        for (const { name, lastRunAt } of jobs()) if (lastRunAt !== null) gauge.set({ task: name }, lastRunAt / 1000)
      },
      ['task'],
    )
    this.#gauge(
      'rejoin_job_overdue_seconds',
      'How long a job is overdue.',
      (gauge) => {
        for (const { name, overdueMs } of jobs()) gauge.set({ task: name }, overdueMs / 1000)
      },
      ['task'],
    )
  }

  /** All of them are read once for each scrape, however many gauges ask. */
  #watchVitals(vitals: () => Promise<Vitals>): void {
    let reading: Promise<Vitals> | undefined
    const read = () => {
      reading ??= vitals().finally(() => {
        reading = undefined
      })
      return reading
    }
    for (const [key, [name, help]] of Object.entries(VITALS)) {
      this.#gauge(name, help, async (gauge) => {
        const value = (await read())[key as keyof Vitals]
        if (value === null) gauge.remove()
        else gauge.set(value)
      })
    }
  }

  /** A frame of /sync; a text frame counts by its characters. */
  frame(kind: string, direction: 'in' | 'out', bytes: number): void {
    this.frames.inc({ kind, direction })
    this.bytes.inc({ kind, direction }, bytes)
  }

  /** Everything in the text format of Prometheus. */
  async text(): Promise<{ body: string; type: string }> {
    const own = await this.#registry.metrics()
    return { body: own + ((await ofProcess?.metrics()) ?? ''), type: this.#registry.contentType }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] })
  }

  #gauge(
    name: string,
    help: string,
    read?: (gauge: Gauge) => void | Promise<void>,
    labelNames: readonly string[] = [],
  ): Gauge {
    const collect = () => read?.(gauge)
    const gauge: Gauge = new Gauge({ name, help, registers: [this.#registry], labelNames, collect })
    return gauge
  }

  #histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.#registry] })
  }
}

/** CPU, memory, event loop and log of the process, regardless of the servers in it. */
function startProcessMetrics(): Registry {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const dropped: Counter = new Counter({
    name: 'rejoin_log_lines_dropped_total',
    help: 'Log lines dropped because standard output did not accept them.',
    registers: [register],
    collect() {
      dropped.reset()
      dropped.inc(standardOutput.dropped)
    },
  })
  return register
}
