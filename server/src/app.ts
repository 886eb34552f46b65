/** The one composition root: puts the parts of the program together, once. */
import './tables.ts'
import { closeMachine, openMachine, type Machine, type MachineOptions, type Nouns } from './core/machine.ts'
import { Lanes } from './core/outbox/lanes.ts'
import type { Senders } from './core/outbox/outbox.ts'
import { systemClock } from './core/runtime/clock.ts'
import { Jobs } from './core/runtime/jobs.ts'
import { createLog } from './core/runtime/log.ts'
import { lockDataDir, type Lock } from './core/storage/data-lock.ts'
import { unusable } from './core/storage/sqlite.ts'
import type { Limits } from './doors/sync/admission.ts'
import { oldestPending } from './doors/sync/devices.ts'
import { newSyncState, type SyncState } from './doors/sync/shared-state.ts'
import { newYjsState, type YjsState } from './doors/yjs/shared-state.ts'
import { addJobs } from './jobs.ts'
import { upgradeWithBackup } from './operations/backup/before-upgrade.ts'
import { AfterJumps } from './operations/clock/after-jumps.ts'
import type { Config } from './operations/config/config.ts'
import { readVitals } from './operations/health/vitals.ts'
import { openSecrets } from './operations/secret-key.ts'
import { sendersFor } from './operations/senders.ts'
import { settle } from './operations/settle.ts'
import { NOUNS } from './nouns.ts'
import { HASH_COST } from './slices/accounts/passwords.ts'
import { Sightings } from './slices/accounts/sessions/sightings.ts'

/** For messages that are under way when the program ends. */
const GRACE_MS = 3000

export interface App extends Machine, SyncState, YjsState {
  readonly config: Config
  readonly jobs: Jobs
  /** The work after a jump of the clock. */
  readonly afterJumps: AfterJumps
  /** The delivery of messages. */
  readonly lanes: Lanes
  readonly sightings: Sightings
  /** Random for each database: by it a device notices a restored or another server. */
  readonly epoch: string
  close(): Promise<void>
}

export interface AppOptions extends MachineOptions {
  /** Senders for further kinds of messages. */
  readonly senders?: Senders
  /** Limits other than those of `sync/admission.ts`. */
  readonly limits?: Partial<Limits>
  /** Opens also if the key of sealed secrets is missing, for commands that remove those secrets. */
  readonly isKeyLost?: boolean
  /** The data also exists elsewhere: no backup is made before its schema changes. */
  readonly isCopy?: boolean
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

async function assemble(config: Config, lock: Lock, options: AppOptions): Promise<App> {
  const { log = createLog(config.logLevel), now: wall = systemClock, isCopy = false, isKeyLost = false } = options
  if (!isCopy) await upgradeWithBackup(config, log, wall())
  const nouns: Nouns = {
    ...NOUNS,
    hashCost: options.hashCost ?? HASH_COST,
    openSecrets: (read) => openSecrets(config, read, { orAnother: isKeyLost }),
    wentAhead: (spans) => afterJumps.wentAhead(spans),
    cameBack: (lapse) => afterJumps.cameBack(lapse),
  }
  const machine = await openMachine(config, nouns, { ...options, log })
  const afterJumps = new AfterJumps(machine)
  const senders = { ...sendersFor(config, machine), ...options.senders }
  const { epoch } = await settle({ ...machine, afterJumps }, Object.keys(senders))
  const app: App = {
    ...machine,
    ...newSyncState(machine, { epoch, limits: options.limits }),
    ...newYjsState(machine),
    config,
    jobs: jobsOf(machine),
    afterJumps,
    lanes: new Lanes(machine, senders),
    sightings: new Sightings(machine.commits),
    epoch,
    close: () => close(app, lock),
  }
  watch(app)
  addJobs(app)
  return app
}

function jobsOf({ log, metrics, mono, now, steadiness }: Machine): Jobs {
  const added = (task: string) => metrics.jobFailures.inc({ task }, 0)
  const failed = (task: string) => metrics.jobFailures.inc({ task })
  return new Jobs({ now, mono, log, steadiness, added, failed })
}

function watch({ commits, config, documents, jobs, metrics, now, read }: App): void {
  metrics.watch({
    documentsInMemory: () => documents.inMemory,
    waitingCommands: () => commits.waiting,
    oldestPending: (limit) => oldestPending(read, limit),
    vitals: () => readVitals({ config, read, now }),
    jobs: () => jobs.states(),
  })
}

async function close(app: App, lock: Lock): Promise<void> {
  await app.jobs.stop()
  await app.lanes.close(GRACE_MS)
  await closeMachine(app, async () => {
    try {
      await app.contacts.write()
      await app.sightings.write()
    } catch (error) {
      // The next contact notes them again; the database comes first.
      app.log.warn({ err: error }, 'cannot store when devices and sessions were last seen')
    }
  })
  lock.release()
}
