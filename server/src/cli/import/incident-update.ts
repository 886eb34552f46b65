/**
 * Imports one update of an incident: its ticket takes the values of the row, and events record the changes, at the
 * row's own time and by the person that the row names. It follows no transition table and checks no rights: this has
 * happened.
 */
import { command, type CommandContext } from '../../core/command.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { derivedId } from './ids.ts'
import { IncidentRow, type IncidentUpdate } from './incident-row.ts'
import { findTicket, openIncident } from './open-ticket.ts'
import { settleDepartment, settleMember, settlePerson, type ImportRun } from './people.ts'
import { afterUpdate, stampedFields, stepsBetween, type TicketRow } from './steps.ts'

export const importUpdate = command({
  name: 'import.incident-update',
  input: IncidentRow,
  async run(context, update) {
    const run: ImportRun = { context, created: { tickets: 0, users: 0, departments: 0 } }
    const actorId = update.by === null ? SYSTEM_ID : await settlePerson(run, update.by, 'agent')
    const departmentId = update.department === null ? null : await settleDepartment(run, update.department)
    const assigneeId = update.assignee === null ? null : await settlePerson(run, update.assignee, 'agent')
    if (departmentId !== null && assigneeId !== null) await settleMember(context, assigneeId, departmentId)

    const ticketId = derivedId('ticket', update.number)
    const before =
      (await findTicket(context.tx, ticketId)) ?? (await openIncident(run, { ticketId, departmentId, update }))
    const after = afterUpdate(before, update, { departmentId, assigneeId })
    await store(context, before, after)
    const resolverId = before.status === after.status ? null : await settleResolver(run, update, departmentId)
    for (const step of stepsBetween(before, after)) {
      const doneBy = step.type === 'ticket-status-changed' ? (resolverId ?? actorId) : actorId
      await context.event({ subject: 'ticket', subjectId: ticketId, actorId: doneBy, ...step })
    }
    return run.created
  },
})

/**
 * The person who resolved it, if this update did; else null. Every row of an incident names its last resolution, so an
 * earlier one is recognised by its time.
 */
async function settleResolver(
  run: ImportRun,
  { status, resolvedBy, resolvedAt, at }: IncidentUpdate,
  departmentId: string | null,
): Promise<string | null> {
  if (status !== 'resolved' || resolvedBy === null || resolvedAt === null || resolvedAt > at) return null
  const resolverId = await settlePerson(run, resolvedBy, 'agent')
  if (departmentId !== null) await settleMember(run.context, resolverId, departmentId)
  return resolverId
}

async function store(context: CommandContext, before: TicketRow, after: TicketRow): Promise<void> {
  const { tx, seq, effectiveAt, show } = context
  const known = new Map<string, unknown>(Object.entries(before))
  const changes = Object.entries(after).filter(([column, value]) => known.get(column) !== value)
  if (changes.length === 0) return
  await tx
    .updateTable('ticket')
    .set({ ...Object.fromEntries(changes), rev: seq })
    .where('id', '=', after.id)
    .execute()
  for (const field of stampedFields(before, after)) {
    const stamp = { seq, at: effectiveAt, deviceId: null }
    await tx
      .insertInto('ticketStamp')
      .values({ ticketId: after.id, field, ...stamp })
      .onConflict((conflict) => conflict.columns(['ticketId', 'field']).doUpdateSet(stamp))
      .execute()
  }
  show(after.id)
}
