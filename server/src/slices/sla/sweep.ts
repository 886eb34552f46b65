/**
 * The SLA sweep: finds the clocks whose time has come and records what happened to them. It may run twice, late, or
 * after a crash: an event is recorded once. Its cost is the number of clocks that fire, not of those that are open.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { confirmBreach, fireClock } from './engine/clocks/crossings.ts'
import { MAX_GRACE_MINUTES } from './engine/policy.ts'
import { command, type CommandContext } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read, Tx } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { prepared, putRow, updateRow } from '../../core/storage/prepared.ts'
import { findTicket } from '../tickets/queries.ts'
import { keepClock, record } from './clocks/keep.ts'
import { clockOf, type ClockRow } from './clocks/stored.ts'
import { policyVersion, termsFor, type Chosen } from './clocks/versions.ts'
import { tellOfConfirmed, tellOfFired } from './escalation/tell.ts'
import { isAwayWithIt } from './escalation/silence.ts'

const BATCH = 500
const MAX_GRACE_MS = MAX_GRACE_MINUTES * 60_000
/** How long a server that sweeps holds the others off, should it not come back. */
const LEASE_MS = 60_000

const fireClocks = command({
  name: 'sla.fire',
  input: z.object({
    holder: z.string(),
    connected: z.array(z.string()),
    /** The id of the only clock to fire; absent: all that are due. */
    only: z.string().optional(),
  }),
  room: 'any',
  async run(context, { holder, connected, only }) {
    const { tx, now } = context
    if (!takeLease(tx, holder, now)) return { fired: 0 }
    const isMeant = (row: ClockRow) => only === undefined || row.id === only
    const due = dueClocks(tx, { now })
    for (const row of due) if (isMeant(row)) await fire(context, row, connected)
    const confirmed = clocksToConfirm(tx, now)
    for (const row of confirmed) if (isMeant(row)) await confirm(context, row)
    return { fired: Math.max(due.length, confirmed.length) }
  },
})

async function fire(context: CommandContext, row: ClockRow & Chosen, connected: readonly string[]): Promise<void> {
  const { tx, now, show } = context
  const terms = termsFor(tx, row)
  const ticket = findTicket(tx, row.ticketId)
  if (terms === null || ticket === undefined) return
  const before = clockOf(row)
  const isProvisional = isAwayWithIt(tx, ticket, { now, connected })
  const after = fireClock(before, terms, now, { isProvisional })
  const fired = keepClock(context, row, { before, after })
  if (!before.isProvisional && after.isProvisional) {
    const graceMs = policyVersion(tx, terms.policyVersion).policy.provisionalGraceMinutes * 60_000
    updateRow(tx, 'slaClock', { id: row.id }, { confirmAt: now + graceMs })
  }
  if (fired.some(({ isBreach }) => isBreach)) show(row.ticketId)
  await tellOfFired(context, row.ticketId, fired)
}

async function confirm(context: CommandContext, row: ClockRow): Promise<void> {
  const { tx, now: at } = context
  const { isProvisional } = confirmBreach(clockOf(row))
  updateRow(tx, 'slaClock', { id: row.id }, { isProvisional: isProvisional ? 1 : 0, confirmAt: null })
  record(context, { clockId: row.id, retractions: row.retractions }, { kind: 'confirm', level: 100, generation: 0, at })
  await tellOfConfirmed(context, row)
}

/** One server sweeps at a time: the holder of the lease may go on, another one only when the lease has run out. */
function takeLease(tx: Tx, holder: string, now: number): boolean {
  const [held] = leases(tx, { name: LEASE })
  if (held !== undefined && held.holder !== holder && held.until > now && held.until <= now + LEASE_MS) return false
  putRow(tx, 'lease', { name: LEASE }, { holder, until: now + LEASE_MS })
  return true
}

const LEASE = 'sla-sweep'

interface Swept {
  readonly read: Read
  readonly commits: Commits
  /** Names this start of the server. */
  readonly clientId: number
  /** Devices that are connected now. */
  readonly connections: { devices(): string[] }
  readonly afterJumps: { settle(): Promise<void> }
  now(): number
}

/** Records all that is due. Resolves when nothing is left. */
export async function sweepClocks(app: Swept): Promise<void> {
  const { read, commits, clientId, connections, now } = app
  await app.afterJumps.settle()
  const input = { holder: String(clientId), connected: connections.devices() }
  let isMore = sweepLag(read, now()) > 0 || clocksToConfirm(read, now()).length > 0
  while (isMore) {
    const { output } = await commits.commit(fireClocks, input, { actorId: SYSTEM_ID })
    // A clock that cannot be fired does not stop the others.
    if (output === undefined) return fireEach(app, input)
    isMore = output.fired === BATCH
  }
}

/** Fires each due clock by itself. Throws the error of the last one that could not be fired. */
async function fireEach({ read, commits, now }: Swept, input: { holder: string; connected: string[] }): Promise<void> {
  const due = [...dueClocks(read, { now: now() }), ...clocksToConfirm(read, now())]
  let failure: unknown = null
  for (const { id: only } of due) {
    try {
      await commits.commitOrThrow(fireClocks, { ...input, only }, { actorId: SYSTEM_ID })
    } catch (error) {
      failure = error
    }
  }
  if (failure !== null) throw failure
}

/** How long the clock that is due the longest has waited, ms; 0 when none is due. */
export function sweepLag(read: Read, now: number): number {
  const [first] = firstDue(read, {})
  return first?.nextFireAt == null ? 0 : Math.max(0, now - first.nextFireAt)
}

const leases = prepared<{ name: string }>()((read, param) =>
  read.selectFrom('lease').select(['holder', 'until']).where('name', '=', param('name')),
)

const firstDue = prepared()((read) =>
  read
    .selectFrom('slaClock')
    .select('nextFireAt')
    .where('nextFireAt', 'is not', null)
    .orderBy('nextFireAt')
    .limit(sql.lit(1)),
)

/** The clocks that fire before `now`, the longest overdue first, with what their ticket is measured by. */
const dueClocks = prepared<{ now: number }>()((read, param) =>
  read
    .selectFrom('slaClock')
    .innerJoin('slaTicket', 'slaTicket.ticketId', 'slaClock.ticketId')
    .selectAll('slaClock')
    .select(['slaTicket.policyVersion', 'slaTicket.calendarVersion', 'slaTicket.priority'])
    .where('nextFireAt', '<', param('now'))
    .orderBy('nextFireAt')
    .limit(sql.lit(BATCH)),
)

const confirmedBy = prepared<{ now: number }>()((read, param) =>
  read
    .selectFrom('slaClock')
    .selectAll()
    .where('confirmAt', '<=', param('now'))
    .orderBy('confirmAt')
    .limit(sql.lit(BATCH)),
)

const confirmedAfter = prepared<{ at: number }>()((read, param) =>
  read
    .selectFrom('slaClock')
    .selectAll()
    .where('confirmAt', '>', param('at'))
    .orderBy('confirmAt')
    .limit(sql.lit(BATCH)),
)

/** Due confirmations, and those further away than any grace: a machine's clock that was ahead has set them. */
function clocksToConfirm(read: Read, now: number): ClockRow[] {
  return [...confirmedBy(read, { now }), ...confirmedAfter(read, { at: now + MAX_GRACE_MS })]
}
