/**
 * The escalation when a clock passes a level or its deadline: who is told, and the changes asked for in the server's
 * name. It never changes a status. Of several levels that one clock passed at once, only the highest is told.
 */
import { generationOf, isGoing } from '../engine/clock.ts'
import { levelKey, type Level, type Recipient } from '../engine/policy.ts'
import type { CommandContext } from '../../../core/command.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { prepared } from '../../../core/storage/prepared.ts'
import { getTicket, type TicketRow } from '../../tickets/queries.ts'
import type { Fired } from '../clocks/keep.ts'
import { clockOf, type ClockRow } from '../clocks/stored.ts'
import { policyVersion } from '../clocks/versions.ts'
import { takeMeasures } from './measures.ts'
import { peopleOf, webhooksOf } from './recipients.ts'

/** Who hears of a breach where the policy names nobody at that point. */
const BY_DEFAULT: readonly Recipient[] = ['assignee', 'department']
/** Who hears at once of a provisional breach, which a silent device may still take back. */
const DISPATCHERS: readonly Recipient[] = ['lead', 'department']

export async function tellOfFired(context: CommandContext, ticketId: string, fired: readonly Fired[]): Promise<void> {
  for (const each of fired) {
    const [row] = rowById(context.tx, { id: each.clockId })
    if (row !== undefined) await tellOf(context, getTicket(context.tx, ticketId), row, each)
  }
}

async function tellOf(context: CommandContext, ticket: TicketRow, row: ClockRow, fired: Fired): Promise<void> {
  if (fired.isTakenBack) await tellOfRetraction(context, ticket, row)
  const clock = clockOf(row)
  const passed = levelsOf(context, row, fired)
  const highest = passed.at(-1)
  if (fired.isBreach) {
    const notify = highest === undefined || levelKey(highest) < 100 ? BY_DEFAULT : highest.notify
    await tellOfBreach(context, ticket, row, {
      notify,
      level: Math.max(100, highest === undefined ? 0 : levelKey(highest)),
    })
  } else if (highest !== undefined && isGoing(clock) && isHeard(row, highest)) {
    await announce(context, ticket, row, {
      type: 'sla-level-reached',
      level: levelKey(highest),
      notify: highest.notify,
    })
  }
  if (isGoing(clock) && !context.isHistory) await takeMeasures(context, ticket.id, passed)
}

/** The levels as the policy has them, the highest last. */
function levelsOf({ tx }: CommandContext, row: ClockRow, { levels }: Fired): Level[] {
  const segment = clockOf(row).segments[generationOf(clockOf(row))]
  if (segment === undefined || levels.length === 0) return []
  const { policy } = policyVersion(tx, segment.policyVersion)
  return levels.flatMap((key) => policy.levels.find((level) => levelKey(level) === key) ?? [])
}

/** Whether people hear of a level: once a clock is acknowledged, only of its deadline. */
function isHeard(row: ClockRow, level: Level): boolean {
  return row.acknowledgedAt === null || levelKey(level) === 100
}

async function tellOfBreach(
  context: CommandContext,
  ticket: TicketRow,
  row: ClockRow,
  { notify, level }: { notify: readonly Recipient[]; level: number },
): Promise<void> {
  const isProvisional = row.isProvisional === 1
  const heard = isProvisional ? DISPATCHERS : notify
  await announce(context, ticket, row, { type: 'sla-breached', level, notify: heard, isProvisional })
}

/** The breach is final, since nothing came that takes it back: tells the people who were not told at first. */
export async function tellOfConfirmed(context: CommandContext, row: ClockRow): Promise<void> {
  const clock = clockOf(row)
  const ticket = getTicket(context.tx, row.ticketId)
  const { policy } = policyVersion(context.tx, clock.segments.at(-1)?.policyVersion ?? '')
  const passed = policy.levels.filter((level) => clock.crossed.some((crossing) => crossing.level === levelKey(level)))
  const highest = passed.at(-1)
  const notify = highest === undefined || levelKey(highest) < 100 ? BY_DEFAULT : highest.notify
  const told = await peopleOf(context.tx, ticket, DISPATCHERS)
  await announce(context, ticket, row, { type: 'sla-breach-confirmed', level: 100, notify, told })
}

async function tellOfRetraction(context: CommandContext, ticket: TicketRow, row: ClockRow): Promise<void> {
  await announce(context, ticket, row, { type: 'sla-breach-taken-back', level: 100, notify: DISPATCHERS })
}

interface Announcement {
  readonly type: 'sla-level-reached' | 'sla-breached' | 'sla-breach-confirmed' | 'sla-breach-taken-back'
  readonly level: number
  readonly notify: readonly Recipient[]
  readonly isProvisional?: boolean
  /** The people who know already. */
  readonly told?: readonly string[]
}

async function announce(
  context: CommandContext,
  ticket: TicketRow,
  row: ClockRow,
  { type, level, notify, isProvisional = false, told = [] }: Announcement,
): Promise<void> {
  const { id: clockId, metric, cycle, dueAt, breachAt, breachCause: cause } = row
  const people = await peopleOf(context.tx, ticket, notify)
  const recipients = people.filter((id) => !told.includes(id))
  const payload = { metric, cycle, level, dueAt: dueAt ?? breachAt, clockId, cause, isProvisional, recipients }
  await context.event({
    subject: 'ticket',
    subjectId: ticket.id,
    type,
    // The actor is the server, so that a person who ends an overdue clock is told as well.
    actorId: SYSTEM_ID,
    ...(type === 'sla-breached' && breachAt !== null && { effectiveAt: breachAt }),
    payload,
  })
  if (!context.isHistory) {
    const { recipients: _, ...told } = payload
    const facts = { type, ticketId: ticket.id, number: ticket.number, at: context.now, ...told }
    for (const url of webhooksOf(notify)) context.send('webhook', { url, body: facts })
  }
  context.show(ticket.id)
}

const rowById = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('slaClock').selectAll().where('id', '=', param('id')),
)
