/** The state of a ticket after an update, and the steps that record it in its history. Pure. */
import type { Selectable } from 'kysely'
import { categoryOf } from '@rejoin/shared/statuses.ts'
import type { CustomFields } from '@rejoin/shared/tickets/ticket.ts'
import type { EventBody } from '../../core/events.ts'
import type { Tables } from '../../core/storage/db.ts'
import type { IncidentUpdate } from './incident-row.ts'

export type TicketRow = Selectable<Tables['ticket']>

export type Step = EventBody<
  'ticket-moved' | 'ticket-edited' | 'ticket-assigned' | 'ticket-unassigned' | 'ticket-status-changed'
>

type Fields = Readonly<Record<string, unknown>>

/** The columns whose changes the history records as edits. */
const EDITABLE = ['priority', 'category', 'subcategory', 'site'] as const

export function afterUpdate(
  before: TicketRow,
  update: IncidentUpdate,
  { departmentId, assigneeId }: Pick<TicketRow, 'departmentId' | 'assigneeId'>,
): TicketRow {
  const { status, statusReason, category, subcategory, site, contactType, reopenCount } = update
  const custom: CustomFields = { ...(JSON.parse(before.custom) as CustomFields), contactType }
  const after = { ...before, status, statusReason, category, subcategory, site, reopenCount, departmentId, assigneeId }
  return {
    ...after,
    ...ends(before, update),
    priority: update.priority ?? before.priority,
    custom: JSON.stringify(custom),
    startedAt: startedAt(before, after, update.at),
  }
}

/**
 * When the incident was resolved and closed. The log repeats the last such times on every row, so a time after the
 * update is not yet true.
 */
function ends(
  before: TicketRow,
  { status, at, resolvedAt, closedAt, resolution }: IncidentUpdate,
): Pick<TicketRow, 'resolvedAt' | 'closedAt' | 'resolution'> {
  const told = (time: number | null, earlier: number | null) => (time !== null && time <= at ? time : (earlier ?? at))
  const category = categoryOf(status)
  if (category !== 'resolved' && category !== 'closed') {
    return { resolvedAt: null, closedAt: null, resolution: before.resolution }
  }
  return {
    resolvedAt: told(resolvedAt, before.resolvedAt),
    closedAt: category === 'closed' ? told(closedAt, before.closedAt) : null,
    resolution: resolution ?? before.resolution,
  }
}

/** The assignee of an incident past its first state is working on it. */
function startedAt(before: TicketRow, after: Pick<TicketRow, 'status' | 'assigneeId'>, at: number): number | null {
  const earlier = before.assigneeId === after.assigneeId ? before.startedAt : null
  return after.assigneeId === null || categoryOf(after.status) === 'new' ? earlier : (earlier ?? at)
}

export function stepsBetween(before: TicketRow, after: TicketRow): Step[] {
  const steps: Step[] = []
  if (before.departmentId !== after.departmentId) {
    steps.push({ type: 'ticket-moved', payload: { from: before.departmentId, to: after.departmentId } })
  }
  const edited = editedFields(before, after)
  if (Object.keys(edited.to).length > 0) steps.push({ type: 'ticket-edited', payload: edited })
  const [from, to] = [before.assigneeId, after.assigneeId]
  if (from !== to) {
    steps.push(
      to === null
        ? { type: 'ticket-unassigned', payload: { from, to } }
        : { type: 'ticket-assigned', payload: { from, to } },
    )
  }
  if (before.status !== after.status || before.statusReason !== after.statusReason) {
    const resolution = after.status === 'resolved' ? after.resolution : null
    const payload = { from: before.status, to: after.status, reason: after.statusReason, resolution }
    steps.push({ type: 'ticket-status-changed', payload })
  }
  return steps
}

/** The fields that the update edits, before and after. */
function editedFields(before: TicketRow, after: TicketRow): { from: Fields; to: Fields } {
  const [old, now] = [editable(before), editable(after)]
  const changed = Object.keys(now).filter((name) => old[name] !== now[name])
  const pick = (fields: Fields) => Object.fromEntries(changed.map((name) => [name, fields[name] ?? null]))
  return { from: pick(old), to: pick(now) }
}

function editable(ticket: TicketRow): Fields {
  const { contactType = null } = JSON.parse(ticket.custom) as CustomFields
  return { ...Object.fromEntries(EDITABLE.map((name) => [name, ticket[name]])), 'custom.contactType': contactType }
}

/** The fields in which a device's own change could conflict, by the names under which such conflicts are settled. */
export function stampedFields(before: TicketRow, after: TicketRow): string[] {
  const edited = Object.keys(editedFields(before, after).to)
  return before.assigneeId === after.assigneeId ? edited : [...edited, 'assignee']
}
