/** A new ticket, from a person or an import: its number, its row and its event. Who may open it is for the caller. */
import type { CommandContext } from '../../core/command.ts'
import { nextNumber } from '../../core/storage/numbers.ts'
import { insertRow } from '../../core/storage/prepared.ts'
import type { TicketTable } from './tables.ts'

type Opened = Pick<TicketTable, 'id' | 'title' | 'priority' | 'type' | 'departmentId' | 'requesterId' | 'source'> &
  Partial<
    Pick<TicketTable, 'description' | 'category' | 'subcategory' | 'skills' | 'estimateMinutes' | 'dueAt' | 'site'>
  > &
  Partial<Pick<TicketTable, 'custom'>>

interface How {
  readonly tags?: readonly string[]
  /** Who opened it and when, where that is not the author of the command. */
  readonly by?: { readonly actorId: string; readonly effectiveAt: number }
}

export async function openTicket(
  { tx, actor, now, effectiveAt, seq, deviceId, event, show }: CommandContext,
  opened: Opened,
  { tags = [], by = { actorId: actor.id, effectiveAt } }: How,
): Promise<TicketTable> {
  const ticket: TicketTable = {
    number: await nextNumber(tx, 'ticket', 'TKT'),
    description: '',
    notes: '',
    status: 'open',
    statusReason: null,
    category: null,
    subcategory: null,
    assigneeId: null,
    skills: '[]',
    estimateMinutes: null,
    dueAt: null,
    site: null,
    custom: '{}',
    resolution: null,
    escalationLevel: 0,
    reopenCount: 0,
    createdAt: by.effectiveAt,
    recordedAt: now,
    startedAt: null,
    firstRespondedAt: null,
    resolvedAt: null,
    closedAt: null,
    rev: seq,
    ...opened,
  }
  const { id: ticketId, number, title, priority } = ticket
  insertRow(tx, 'ticket', ticket)
  for (const tag of new Set(tags)) insertRow(tx, 'ticketTag', { ticketId, tag, addedSeq: seq, addedBy: deviceId })
  const payload = { number, title, priority }
  await event({ subject: 'ticket', subjectId: ticketId, type: 'ticket-created', ...by, payload })
  show(ticketId)
  return ticket
}
