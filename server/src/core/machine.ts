/**
 * The machine, put together: the database with its one write path, the documents, the clock, and the counters and
 * reports on them. It knows no noun; the parts that do are handed in. Its parts neither listen nor run by themselves.
 */
import { randomInt } from 'node:crypto'
import type { Answered } from './api/procedures.ts'
import { Commits } from './commit/commit.ts'
import type { Ports } from './commit/ports.ts'
import { Documents } from './documents/documents.ts'
import type { Kinds } from './documents/kinds.ts'
import { Hub } from './hub.ts'
import { Reports } from './reports.ts'
import { monotonicMs, neverBack, systemClock } from './runtime/clock.ts'
import { createLog, type Log } from './runtime/log.ts'
import { Metrics } from './runtime/metrics.ts'
import { Pace } from './runtime/pace.ts'
import { Steadiness, type Lapse } from './runtime/steadiness.ts'
import { Workers } from './runtime/workers/workers.ts'
import type { HashCost, Secrets } from './secrets.ts'
import { Damage } from './storage/damage.ts'
import { isCorrupt } from './storage/sqlite.ts'
import { openDatabase, type Database, type Read } from './storage/db.ts'
import type { Watch } from './storage/watched-statements.ts'

/** How long commands and answers may keep others waiting in one turn of the event loop. */
const LONGEST_TURN_MS = 25

export interface Machine {
  readonly db: Database
  readonly read: Read
  readonly commits: Commits
  readonly damage: Damage
  readonly documents: Documents
  readonly hub: Hub
  readonly kinds: Kinds
  readonly log: Log
  readonly metrics: Metrics
  readonly pace: Pace
  readonly reports: Reports
  readonly secrets: Secrets
  readonly steadiness: Steadiness
  readonly workers: Workers
  /** The Yjs client id of this start. */
  readonly clientId: number
  /** Called with every answer of the API and the declaration of its operation. */
  readonly answered: Answered | undefined
  now(): number
  /** For durations: ms since an arbitrary moment, independent of the clock. */
  mono(): number
}

interface MachineConfig {
  readonly dataDir: string
  readonly logLevel: string
  readonly slowQueryMs: number
  readonly reportMs: number
}

/** The parts that know nouns. */
export interface Nouns extends Pick<Ports, 'actor' | 'hashCost' | 'ofDevices' | 'reactions' | 'remedy' | 'whenParked'> {
  readonly kinds: Kinds
  openSecrets(read: Read): Promise<Secrets>
  wentAhead(spans: Lapse['spans']): void
  cameBack(lapse: Lapse): void
}

export interface MachineOptions {
  /** Epoch ms; nothing else in the server reads a clock. */
  readonly now?: () => number
  /** Ms since an arbitrary moment, for durations. By default it follows `now`, except backwards. */
  readonly mono?: () => number
  readonly answered?: Answered
  /** The entry file of worker threads; `worker.ts` by default. */
  readonly workerEntry?: string | undefined
  /**
   * The cost of hashing a password; `HASH_COST` by default. No setting: only tests, which sign many people in, lower
   * it.
   */
  readonly hashCost?: HashCost | undefined
  /** The log; standard output by default. */
  readonly log?: Log
}

export async function openMachine(config: MachineConfig, nouns: Nouns, options: MachineOptions): Promise<Machine> {
  const { now: wall = systemClock, log = createLog(config.logLevel) } = options
  const { mono = wall === systemClock ? monotonicMs : neverBack(wall) } = options
  const { workerEntry: entry } = options
  const metrics = new Metrics()
  const { kinds } = nouns
  const damage = new Damage({ log, metrics, nameOf: (documentId) => kinds.nameOf(db.reader, documentId) })
  const db: Database = await openDatabase(config.dataDir, watchOf(config.slowQueryMs, { damage, log, metrics }))
  const read = db.reader
  const secrets = await nouns.openSecrets(read).catch(async (error: unknown) => {
    await db.close()
    throw error
  })
  const { wentAhead, cameBack } = nouns
  const jumped = () => metrics.clockJumps.inc()
  const steadiness = new Steadiness({ wall, mono, log, jumped, wentAhead, cameBack })
  const { now } = steadiness
  const documents = new Documents(randomInt(1, 2 ** 32 - 1), kinds)
  const [hub, pace, workers] = [new Hub(), new Pace(LONGEST_TURN_MS), new Workers({ entry })]
  const commits = new Commits({ ...nouns, pace, db, damage, documents, hub, log, metrics, secrets, workers, now })
  // Separate from the other workers, so that nobody's file waits behind a report.
  const reports = new Reports({
    dataDir: config.dataDir,
    timeMs: config.reportMs,
    workers: new Workers({ isKept: true, entry }),
    damage,
  })
  const { clientId } = documents
  const kept = {
    db,
    read,
    commits,
    damage,
    documents,
    hub,
    kinds,
    log,
    metrics,
    pace,
    reports,
    secrets,
    steadiness,
    workers,
  }
  return { ...kept, clientId, answered: options.answered, now, mono }
}

function watchOf(fromMs: number, { damage, log, metrics }: Pick<Machine, 'damage' | 'log' | 'metrics'>): Watch {
  return {
    fromMs,
    failed: (error) => {
      if (isCorrupt(error)) damage.ofPages(error)
    },
    passedOver: (what, error) => damage.passedOver(what, error),
    slow(sql, ms) {
      metrics.slowQueries.inc()
      log.warn({ sql, ms: Math.round(ms) }, 'slow query')
    },
  }
}

/** Ends work in threads, runs `lastWrites`, waits for the commands under way and closes the database. */
export async function closeMachine(machine: Machine, lastWrites: () => Promise<void>): Promise<void> {
  const { commits, db, log, reports, workers } = machine
  await workers.close()
  await reports.close()
  await lastWrites()
  await commits.idle()
  const rescued = await db.close()
  if (rescued !== null)
    log.error({ file: rescued }, `the database was moved or removed; a complete copy is in ${rescued}`)
}
