/**
 * Recurring work. Jobs that are due at the same moment start in this order, as after a time in which none ran: the SLA
 * clocks, which everybody hears of; sightings, before sessions and devices are judged by them; the jobs that fill the
 * outbox, before the outbox; removals and rebuilding; and the backup, which has the result of all.
 */
import { forgetAttempts } from './core/api/throttle/attempts.ts'
import { compact } from './core/maintenance/compaction.ts'
import { rebuildDocuments } from './core/maintenance/rebuild.ts'
import type { Machine } from './core/machine.ts'
import { OUTBOX_JOB, type Lanes } from './core/outbox/lanes.ts'
import type { Jobs } from './core/runtime/jobs.ts'
import { forgetDevices } from './doors/sync/forgotten.ts'
import type { SyncState } from './doors/sync/shared-state.ts'
import type { YjsState } from './doors/yjs/shared-state.ts'
import { backUpBeside } from './operations/backup/schedule.ts'
import type { AfterJumps } from './operations/clock/after-jumps.ts'
import type { Config } from './operations/config/config.ts'
import { answerRegistrations } from './slices/accounts/sign-up/registration.ts'
import { endOverdueSessions } from './slices/accounts/mfa/rules.ts'
import { answerResetRequests } from './slices/accounts/passwords/reset.ts'
import { endExpiredSessions } from './slices/accounts/sessions.ts'
import { forgetChallenges } from './slices/accounts/sessions/challenges.ts'
import type { Sightings } from './slices/accounts/sessions/sightings.ts'
import { sampleDrift } from './slices/sla/clocks/sample.ts'
import { rollOut } from './slices/sla/rollout.ts'
import { sweepClocks } from './slices/sla/sweep.ts'

/** Removal by age cannot be undone: the clock must have run evenly for this long in this program. */
const REMOVES = { steadyMs: 3_600_000, isSinceStart: true }
/** Nobody is told of a breach because a clock was wrong for some seconds. */
const TIMELY = { steadyMs: 60_000 }

interface Parts extends Machine, SyncState, YjsState {
  readonly config: Config
  readonly jobs: Jobs
  readonly afterJumps: AfterJumps
  readonly lanes: Lanes
  readonly sightings: Sightings
}

export function addJobs(app: Parts): void {
  addClocks(app)
  addAccounts(app)
  addMessages(app)
  addNights(app)
}

function addClocks(app: Parts): void {
  const { config, jobs } = app
  jobs.add('sla-sweep', config.slaSweep, () => sweepClocks(app), TIMELY)
  jobs.add('sla-rollout', '*/5 * * * * *', (signal) => rollOut(app, signal))
}

function addAccounts(app: Parts): void {
  const { commits, contacts, jobs, sightings } = app
  jobs.add('device-contacts', '*/2 * * * * *', () => contacts.write())
  jobs.add('session-sightings', '30 * * * * *', () => sightings.write())
  jobs.add('session-expiry', '0 * * * * *', () => endExpiredSessions(app), REMOVES)
  jobs.add('second-step-rules', '15 * * * * *', () => endOverdueSessions(commits), TIMELY)
  jobs.add('challenge-sweep', '0 23 * * * *', () => forgetChallenges(commits), REMOVES)
  jobs.add('attempt-sweep', '0 17 * * * *', () => forgetAttempts(commits), REMOVES)
}

function addMessages(app: Parts): void {
  const { jobs, lanes } = app
  jobs.add('password-resets', '*/5 * * * * *', () => answerResetRequests(app))
  jobs.add('registrations', '*/5 * * * * *', () => answerRegistrations(app))
  jobs.add(OUTBOX_JOB, '*/5 * * * * *', () => lanes.begin())
}

function addNights(app: Parts): void {
  const { config, jobs, rooms } = app
  jobs.add('sla-drift', '0 20 2 * * *', () => sampleDrift(app))
  jobs.add('compaction', '0 15 3 * * *', () => compact(app), REMOVES)
  // A forgotten device has no place in the log any more.
  jobs.add('device-sweep', '0 30 3 * * *', () => forgetDevices(app), REMOVES)
  jobs.add('rebuild', '0 45 3 * * *', () => rebuildDocuments({ ...app, isOpen: (ticketId) => rooms.isOpen(ticketId) }))
  const { schedule } = config.backup
  if (schedule !== null) jobs.add('backup', schedule, (signal) => backUpBeside(app, signal))
}
