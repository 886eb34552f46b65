/** What people do about a clock: take note of it, or say that its breach does not count. */
import { may, relationsOf, type Action } from '@rejoin/shared/access/access.ts'
import { hasEnded } from './engine/clock.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { audit } from '../../core/audit.ts'
import { implement } from '../../core/api/implement.ts'
import type { CommandContext } from '../../core/command.ts'
import { updateRow } from '../../core/storage/prepared.ts'
import { getTicket } from '../tickets/queries.ts'
import { record } from './clocks/keep.ts'
import type { ClockRow } from './clocks/stored.ts'
import * as contract from './contract.ts'

export const acknowledgeClock = implement(contract.acknowledge, { room: 'reserve' }, async (context, { clockId }) => {
  const { tx, now, actor, event } = context
  const clock = await getClock(context, 'sla.acknowledge', clockId)
  if (hasEnded(clock)) throw new Refusal('conflict', `The clock is ${clock.state}: it sends no more notifications.`)
  if (clock.acknowledgedAt !== null) {
    context.adjust('already-done', 'The clock is already acknowledged.')
    return
  }
  updateRow(tx, 'slaClock', { id: clockId }, { acknowledgedAt: now, acknowledgedBy: actor.id })
  const entry = { kind: 'acknowledge', level: 0, generation: 0, at: now } as const
  record(context, { clockId, retractions: clock.retractions }, entry, { by: actor.id })
  const { metric, cycle, ticketId: subjectId } = clock
  await event({ subject: 'ticket', subjectId, type: 'sla-acknowledged', payload: { clockId, metric, cycle } })
})

export const excuseClock = implement(contract.excuse, { room: 'reserve' }, async (context, { clockId, reason }) => {
  const clock = await getClock(context, 'sla.excuse', clockId)
  const { metric, cycle, ticketId: subjectId, breachAt } = clock
  if (breachAt === null) throw new Refusal('conflict', 'The clock is not breached, so there is nothing to excuse.')
  if (clock.excusedAt !== null) {
    context.adjust('already-done', 'The breach is already excused.')
    return
  }
  const payload = { clockId, metric, cycle, reason }
  audit(context, { type: 'sla-excused', subject: 'ticket', subjectId, payload: { ...payload, breachAt } })
  await context.event({ subject: 'ticket', subjectId, type: 'sla-excused', payload })
})

/** Throws `Refusal` `forbidden`, or `not-found` where the actor may not see its ticket. */
async function getClock({ tx, actor }: CommandContext, action: Action, clockId: string): Promise<ClockRow> {
  const clock = await tx.selectFrom('slaClock').selectAll().where('id', '=', clockId).executeTakeFirst()
  const missing = new Refusal('not-found', `There is no clock ${clockId} that you can see.`)
  if (clock === undefined) throw missing
  const relations = relationsOf(actor, getTicket(tx, clock.ticketId))
  if (may(actor, action, relations)) return clock
  if (!may(actor, 'ticket.read', relations)) throw missing
  throw new Refusal('forbidden', `You may not do this (${action}) on its ticket.`, 'Ask a supervisor.')
}
