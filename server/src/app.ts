/** The one composition root: what the program consists of, put together once. */
import './tables.ts'
import { randomBytes, randomInt } from 'node:crypto'
import { z } from 'zod'
import { HASH_COST } from './slices/accounts/passwords.ts'
import { getActor } from './slices/accounts/queries.ts'
import { answerRegistrations } from './slices/accounts/joining/registration.ts'
import { answerResetRequests } from './slices/accounts/passwords/reset.ts'
import { forgetChallenges } from './slices/accounts/sessions/challenges.ts'
import { endOverdueSessions } from './slices/accounts/mfa/rules.ts'
import { sealSecrets } from './slices/accounts/mfa/sealing.ts'
import { endExpiredSessions } from './slices/accounts/sessions.ts'
import { Sightings } from './slices/accounts/sessions/sightings.ts'
import { auditFacts } from './slices/audit/reaction.ts'
import { backUpBeforeUpgrade } from './operations/backup/before-upgrade.ts'
import { backUpBeside } from './operations/backup/schedule.ts'
import type { Config } from './operations/config/config.ts'
import { monotonicMs, neverBack, systemClock } from './core/runtime/clock.ts'
import type { Answered } from './core/api/procedures.ts'
import { command } from './core/command.ts'
import { Commits } from './core/commit/commit.ts'
import { healDocument, newGeneration } from './core/commit/new-generation.ts'
import { compact } from './core/maintenance/compaction.ts'
import { Damage } from './core/storage/damage.ts'
import { isCorrupt, lockDataDir, openDatabase, unusable, type Database, type Read } from './core/storage/db.ts'
import { Documents } from './core/documents/documents.ts'
import { forgetAttempts } from './core/api/throttle/attempts.ts'
import { Hub } from './core/hub.ts'
import { SYSTEM_ID } from './core/ids.ts'
import { Jobs } from './core/runtime/jobs.ts'
import { createLog, type Log } from './core/runtime/log.ts'
import { Metrics } from './core/runtime/metrics.ts'
import { Reports } from './core/reports.ts'
import type { HashCost, Secrets } from './core/secrets.ts'
import { AfterJumps } from './operations/clock/after-jumps.ts'
import { Steadiness } from './core/runtime/steadiness.ts'
import { Workers } from './core/runtime/workers/workers.ts'
import { leaseClient } from './core/documents/leases.ts'
import { Lanes, OUTBOX_JOB } from './core/outbox/lanes.ts'
import { noteSent, setAsideCutOff, type Senders } from './core/outbox/outbox.ts'
import { rebuildDocuments } from './core/maintenance/rebuild.ts'
import { readVitals } from './operations/health/vitals.ts'
import { withFreshLinks } from './slices/accounts/invitations/fresh-links.ts'
import { smtpSender } from './slices/mail/smtp.ts'
import { tellOfParked } from './slices/notifications/parked.ts'
import { notifyOfPeople } from './slices/notifications/people.ts'
import { notify } from './slices/notifications/reaction.ts'
import { catchUpWithEngine } from './slices/sla/clocks/engine.ts'
import { adoptAll, mendTickets } from './slices/sla/clocks/recompute.ts'
import { moveClocks } from './slices/sla/reaction.ts'
import { rollOut } from './slices/sla/rollout.ts'
import { sampleDrift } from './slices/sla/clocks/sample.ts'
import { sweepClocks } from './slices/sla/sweep.ts'
import { Pace } from './core/runtime/pace.ts'
import { openSecrets } from './operations/secret-key.ts'
import { Admission, type Limits } from './doors/sync/admission.ts'
import { Contacts } from './doors/sync/contacts.ts'
import { oldestPending } from './doors/sync/devices.ts'
import { forgetDevices } from './doors/sync/forgotten.ts'
import { LiveFrames } from './doors/sync/live.ts'
import { Oversized } from './doors/sync/oversized.ts'
import { Presence } from './doors/sync/presence.ts'
import { Speakers } from './doors/sync/speakers.ts'
import { Greetings } from './doors/sync/greetings.ts'
import { projectTicket } from './projection.ts'
import { textsOf, ticketNumber } from './slices/tickets/projection.ts'
import { giveBack, showNewName } from './slices/tickets/reaction.ts'
import { showStale } from './slices/tickets/stale.ts'
import { correctTimes } from './slices/tickets/times.ts'
import { readVersion } from './operations/version.ts'
import { keepDefaultDepartment } from './slices/workspace/reaction.ts'
import { webhookSender } from './slices/webhooks/sender.ts'
import { Rooms } from './doors/yjs/rooms.ts'
import { WholeDocuments } from './doors/yjs/whole-documents.ts'

/** For so long commands and answers may keep others waiting in one turn of the event loop. */
const LONGEST_TURN_MS = 25
/** What is removed by its age cannot be had back: the clock is to have gone evenly for so long in this program. */
const REMOVES = { steadyMs: 3_600_000, isSinceStart: true }
/** Nobody is told of a breach by a clock that was wrong for some seconds. */
const TIMELY = { steadyMs: 60_000 }
/** For messages that are under way when the program ends. */
const GRACE_MS = 3000

export interface App {
  readonly config: Config
  readonly db: Database
  readonly read: Read
  readonly commits: Commits
  readonly damage: Damage
  readonly documents: Documents
  readonly hub: Hub
  readonly jobs: Jobs
  /** What is to be done after a jump of the clock. */
  readonly afterJumps: AfterJumps
  /** Where messages go out. */
  readonly lanes: Lanes
  readonly log: Log
  readonly metrics: Metrics
  readonly admission: Admission
  readonly contacts: Contacts
  readonly sightings: Sightings
  readonly secrets: Secrets
  readonly live: LiveFrames
  readonly oversized: Oversized
  readonly greetings: Greetings
  readonly presence: Presence
  readonly speakers: Speakers
  readonly rooms: Rooms
  readonly wholeDocuments: WholeDocuments
  readonly workers: Workers
  readonly reports: Reports
  /** Random for each database: how a device tells a restored or another server. */
  readonly epoch: string
  /** The Yjs client id of this start. */
  readonly clientId: number
  /** Hears of every answer of the API, beside its declaration. */
  readonly answered: Answered | undefined
  now(): number
  /** For durations: ms since some moment, whatever the clock is set to. */
  mono(): number
  close(): Promise<void>
  readonly pace: Pace
}

export interface AppOptions {
  /** Epoch ms; nothing else in the server reads a clock. */
  readonly now?: () => number
  /** Ms since some moment, for durations. Without one it follows `now`, where that goes on. */
  readonly mono?: () => number
  /** Who delivers further kinds of messages of the outbox. */
  readonly senders?: Senders
  /** Where to log; without one, to standard output. */
  readonly log?: Log
  /** Other limits than those of `sync/admission.ts`. */
  readonly limits?: Partial<Limits>
  /** Hears of every answer of the API, beside its declaration. */
  readonly answered?: Answered
  /** Opens also where the key of sealed secrets is not there, for who takes them away. */
  readonly isKeyLost?: boolean
  /** The data is there elsewhere as well: no backup is made before its schema changes. */
  readonly isCopy?: boolean
  /** What hashing a password costs; `HASH_COST` without it. No setting: only tests, which sign many people in, lower it. */
  readonly hashCost?: HashCost | undefined
}

/** Opens the data directory and puts the program together, without listening and without running jobs. */
export async function openApp(config: Config, options: AppOptions = {}): Promise<App> {
  const lock = lockDataDir(config.dataDir)
  try {
    return await assemble(config, lock, options)
  } catch (error) {
    lock.release()
    throw unusable(config.dataDir, error)
  }
}

async function assemble(
  config: Config,
  lock: { release(): void },
  {
    now: wall = systemClock,
    mono = wall === systemClock ? monotonicMs : neverBack(wall),
    senders = {},
    log = createLog(config.logLevel),
    limits,
    isCopy = false,
    isKeyLost = false,
    answered,
    hashCost = HASH_COST,
  }: AppOptions,
): Promise<App> {
  const upgrade = isCopy ? null : await backUpBeforeUpgrade(config, { now: wall(), version: readVersion().version })
  if (upgrade !== null) log.info({ steps: upgrade.steps, backup: upgrade.backup.file }, 'upgrading the database')
  const metrics = new Metrics()
  const damage = new Damage({ log, metrics, nameOf: (ticketId) => ticketNumber(db.reader, ticketId) })
  const db: Database = await openDatabase(config.dataDir, {
    fromMs: config.slowQueryMs,
    failed: (error) => {
      if (isCorrupt(error)) damage.ofPages(error)
    },
    passedOver: (what, error) => damage.passedOver(what, error),
    slow(sql, ms) {
      metrics.slowQueries.inc()
      log.warn({ sql, ms: Math.round(ms) }, 'slow query')
    },
  })
  const secrets = await openSecrets(config, db.reader, { orAnother: isKeyLost }).catch(async (error: unknown) => {
    await db.close()
    throw error
  })
  const steadiness = new Steadiness({
    wall,
    mono,
    log,
    jumped: () => metrics.clockJumps.inc(),
    wentAhead: (spans) => afterJumps.wentAhead(spans),
    cameBack: (lapse) => afterJumps.cameBack(lapse),
  })
  const { now } = steadiness
  const hub = new Hub()
  const workers = new Workers()
  const pace = new Pace(LONGEST_TURN_MS)
  // Apart from the others, so that nobody's file waits behind a report.
  const readers = new Workers({ isKept: true })
  const documents = new Documents(randomInt(1, 2 ** 32 - 1), textsOf)
  const reactions = [
    keepDefaultDepartment,
    moveClocks,
    notify,
    notifyOfPeople,
    giveBack,
    showNewName,
    correctTimes,
    auditFacts,
  ]
  const commits = new Commits({
    pace,
    db,
    damage,
    remedy: ({ what, id }) =>
      what === 'document'
        ? { command: healDocument, input: newGeneration(id) }
        : { command: mendTickets, input: { ticketIds: [id] } },
    documents,
    hub,
    log,
    metrics,
    secrets,
    hashCost,
    workers,
    now,
    reactions,
    whenParked: tellOfParked,
    actor: getActor,
    projection: projectTicket,
  })
  const afterJumps = new AfterJumps({ read: db.reader, commits, log })
  const outside: Senders = {
    ...(config.mail !== null && { mail: withFreshLinks(smtpSender(config.mail, config.publicUrl), { commits, now }) }),
    ...(config.webhook !== null && { webhook: webhookSender(config.webhook, now) }),
    ...senders,
  }
  const started = { clientId: documents.clientId, sends: Object.keys(outside) }
  const { output } = await commits.commitOrThrow(start, started, { actorId: SYSTEM_ID })
  await afterJumps.begin(steadiness)
  const unsealed = await commits.commitOrThrow(sealSecrets, undefined, { actorId: SYSTEM_ID })
  if (unsealed.output > 0) db.scrub()
  await adoptAll({ read: db.reader, commits })
  const mended = await catchUpWithEngine({ read: db.reader, commits })
  if (mended > 0) log.info({ tickets: mended }, 'recomputing SLA clocks of an earlier engine')
  await showStale({ read: db.reader, commits })
  const jobs = new Jobs({
    now,
    mono,
    log,
    steadiness,
    added: (task) => metrics.jobFailures.inc({ task }, 0),
    failed: (task) => metrics.jobFailures.inc({ task }),
  })
  metrics.watch({
    documentsInMemory: () => documents.inMemory,
    waitingCommands: () => commits.waiting,
    oldestPending: (limit) => oldestPending(db.reader, limit),
    vitals: () => readVitals({ config, read: db.reader, now }),
    jobs: () => jobs.states(),
  })
  const lanes = new Lanes({ read: db.reader, commits, log, metrics, now }, outside)
  const app: App = {
    config,
    db,
    read: db.reader,
    commits,
    damage,
    documents,
    hub,
    jobs,
    afterJumps,
    lanes,
    log,
    metrics,
    secrets,
    contacts: new Contacts(commits),
    sightings: new Sightings(commits),
    admission: new Admission({ metrics, now: mono, queuedCommands: () => commits.waiting }, limits),
    live: new LiveFrames({ epoch: output.epoch, now }),
    oversized: new Oversized({ log, metrics }),
    greetings: new Greetings(),
    presence: new Presence(),
    speakers: new Speakers(),
    rooms: new Rooms(mono),
    wholeDocuments: new WholeDocuments(),
    workers,
    pace,
    reports: new Reports({ dataDir: config.dataDir, timeMs: config.reportMs, workers: readers, damage }),
    epoch: output.epoch,
    clientId: documents.clientId,
    answered,
    now,
    mono,
    async close() {
      await jobs.stop()
      await lanes.close(GRACE_MS)
      await workers.close()
      await readers.close()
      try {
        await app.contacts.write()
        await app.sightings.write()
      } catch (error) {
        // The next contact notes them again; the database comes first.
        log.warn({ err: error }, 'cannot store when devices and sessions were last seen')
      }
      await commits.idle()
      const rescued = await db.close()
      if (rescued !== null)
        log.error({ file: rescued }, `the database was moved or removed; a complete copy is in ${rescued}`)
      lock.release()
    },
  }
  jobs.add('sla-sweep', config.slaSweep, () => sweepClocks(app), TIMELY)
  jobs.add('sla-drift', '0 20 2 * * *', () => sampleDrift(app))
  jobs.add('sla-rollout', '*/5 * * * * *', (signal) => rollOut(app, signal))
  jobs.add('compaction', '0 15 3 * * *', () => compact(app), REMOVES)
  jobs.add('device-sweep', '0 30 3 * * *', () => forgetDevices(app), REMOVES)
  jobs.add('rebuild', '0 45 3 * * *', () =>
    rebuildDocuments({ ...app, projection: projectTicket, isOpen: (ticketId) => app.rooms.isOpen(ticketId) }),
  )
  jobs.add('session-expiry', '0 * * * * *', () => endExpiredSessions(app), REMOVES)
  jobs.add('session-sightings', '30 * * * * *', () => app.sightings.write())
  jobs.add('second-step-rules', '15 * * * * *', () => endOverdueSessions(commits), TIMELY)
  jobs.add('challenge-sweep', '0 23 * * * *', () => forgetChallenges(commits), REMOVES)
  jobs.add('attempt-sweep', '0 17 * * * *', () => forgetAttempts(commits), REMOVES)
  jobs.add('device-contacts', '*/2 * * * * *', () => app.contacts.write())
  jobs.add('password-resets', '*/5 * * * * *', () => answerResetRequests(app))
  jobs.add('registrations', '*/5 * * * * *', () => answerRegistrations(app))
  jobs.add(OUTBOX_JOB, '*/5 * * * * *', async () => lanes.begin())
  const { schedule } = config.backup
  if (schedule !== null) jobs.add('backup', schedule, (signal) => backUpBeside(app, signal))
  return app
}

/** Gives the database its epoch at the first start and this start its own Yjs client id, and settles what was cut off. */
const start = command({
  name: 'server.start',
  input: z.object({ clientId: z.int(), sends: z.array(z.string()) }),
  async run(context, { clientId, sends }) {
    leaseClient(context, clientId)
    const { tx } = context
    await setAsideCutOff(tx)
    await noteSent(tx, sends)
    await tx
      .insertInto('meta')
      .values({ key: 'epoch', value: randomBytes(9).toString('base64url') })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { value } = await tx.selectFrom('meta').select('value').where('key', '=', 'epoch').executeTakeFirstOrThrow()
    return { epoch: value }
  },
})
