/** The ticket of an incident, as it was when the incident was opened: later changes come as updates. */
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import type { IncidentUpdate } from './incident-row.ts'
import { settlePerson, type ImportRun } from './people.ts'
import type { TicketRow } from './steps.ts'
import { openTicket } from '../../slices/tickets/opening.ts'

export function findTicket(read: Read, id: string): Promise<TicketRow | undefined> {
  return read.selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Opens the ticket at the incident's own time, in the name of the person who opened it. */
export async function openIncident(
  run: ImportRun,
  { ticketId, departmentId, update }: { ticketId: string; departmentId: string | null; update: IncidentUpdate },
): Promise<TicketRow> {
  const requesterId = await settlePerson(run, update.requester, 'requester')
  const actorId = update.openedBy === null ? SYSTEM_ID : await settlePerson(run, update.openedBy, 'agent')
  const { title, category, subcategory, site, openedAt } = update
  const opened = {
    id: ticketId,
    title,
    priority: update.priority ?? 'medium',
    type: 'incident',
    category,
    subcategory,
    departmentId,
    requesterId,
    site,
    custom: JSON.stringify({ servicenowNumber: update.number, contactType: update.contactType }),
    source: 'import',
  } as const
  run.created.tickets += 1
  return openTicket(run.context, opened, { by: { actorId, effectiveAt: openedAt } })
}
