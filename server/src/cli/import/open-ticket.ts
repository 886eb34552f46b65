/** The ticket of an incident, as it was when the incident was opened: what later happened to it comes as updates. */
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import type { IncidentUpdate } from './incident-row.ts'
import { settlePerson, type Intake } from './people.ts'
import type { TicketRow } from './steps.ts'
import { nextNumber } from '../../core/storage/numbers.ts'

export async function findTicket(read: Read, id: string): Promise<TicketRow | undefined> {
  return read.selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Opens the ticket at the incident's own time, in the name of who opened it. */
export async function openTicket(
  intake: Intake,
  { ticketId, departmentId, update }: { ticketId: string; departmentId: string | null; update: IncidentUpdate },
): Promise<TicketRow> {
  const { tx, now, seq, event, show } = intake.context
  const requesterId = await settlePerson(intake, update.requester, 'requester')
  const actorId = update.openedBy === null ? SYSTEM_ID : await settlePerson(intake, update.openedBy, 'agent')
  const { title, category, subcategory, site, openedAt } = update
  const priority = update.priority ?? 'medium'
  const number = await nextNumber(tx, 'ticket', 'TKT')
  const ticket = {
    id: ticketId,
    number,
    title,
    description: '',
    notes: '',
    status: 'open',
    statusReason: null,
    priority,
    type: 'incident',
    category,
    subcategory,
    departmentId,
    requesterId,
    assigneeId: null,
    skills: '[]',
    estimateMinutes: null,
    dueAt: null,
    site,
    custom: JSON.stringify({ servicenowNumber: update.number, contactType: update.contactType }),
    resolution: null,
    source: 'import',
    escalationLevel: 0,
    reopenCount: 0,
    createdAt: openedAt,
    recordedAt: now,
    startedAt: null,
    firstRespondedAt: null,
    resolvedAt: null,
    closedAt: null,
    rev: seq,
  } satisfies TicketRow
  await tx.insertInto('ticket').values(ticket).execute()
  intake.created.tickets += 1
  const payload = { number, title, priority }
  const subject = { subject: 'ticket', subjectId: ticketId }
  await event({ ...subject, type: 'ticket-created', actorId, effectiveAt: openedAt, payload })
  show(ticketId)
  return ticket
}
