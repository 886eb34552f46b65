/** How commands change the view of a ticket on a device, by the rules that the server decides with. */
import type { Acting, Prediction } from '../contract/on-device.ts'
import { clocksAfter } from '../sla/clock-view.ts'
import { canBecome, isOpen, type Status } from '../statuses.ts'
import type { TicketView } from './ticket.ts'

/** Only an open ticket changes hands. The name of another person is the server's to know. */
export function givenTo(
  view: TicketView,
  assigneeId: string | null,
  assigneeName: string | null = null,
): Prediction<TicketView> {
  return isOpen(view.status) ? { assigneeId, assigneeName, startedAt: null } : null
}

/** `{}` where it has that status already; null where no path leads there. */
export function changedStatus(
  view: TicketView,
  to: Status,
  acting: Acting,
  reason: string | null = null,
): Prediction<TicketView> {
  if (view.status === to) return {}
  if (!canBecome(view.status, to)) return null
  const { at } = acting
  return {
    status: to,
    statusReason: reason,
    clocks: clocksAfter(view, to, at),
    ...(to === 'in_progress' && started(view, acting)),
    ...(to === 'resolved' && { resolvedAt: at }),
    ...(isOpen(to) && { resolvedAt: null }),
    ...(to === 'closed' || to === 'cancelled' ? { closedAt: at } : {}),
  }
}

/** A ticket is started when its assignee first does something on it. */
export function started(view: TicketView, { actor, at }: Acting): Partial<TicketView> {
  return view.startedAt === null && view.assigneeId === actor.id ? { startedAt: at } : {}
}
