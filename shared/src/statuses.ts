/** The statuses of a ticket, the fixed categories their behaviour hangs on, and the transitions between them. */
import { z } from 'zod'

export const Status = z.enum([
  'open',
  'in_progress',
  'waiting_customer',
  'waiting_third_party',
  'on_hold',
  'resolved',
  'closed',
  'cancelled',
])
export type Status = z.infer<typeof Status>

export type Category = 'new' | 'active' | 'waiting' | 'resolved' | 'closed'

const CATEGORIES: Record<Status, Category> = {
  open: 'new',
  in_progress: 'active',
  waiting_customer: 'waiting',
  waiting_third_party: 'waiting',
  on_hold: 'waiting',
  resolved: 'resolved',
  closed: 'closed',
  cancelled: 'closed',
}

export function categoryOf(status: Status): Category {
  return CATEGORIES[status]
}

const WAITING = ['waiting_customer', 'waiting_third_party', 'on_hold'] as const

const FROM_WAITING: readonly Status[] = ['in_progress', 'open', 'resolved']

/** `resolved` → `in_progress` is a reopen, `resolved` → `closed` a confirmation; a closed ticket moves no more. */
const TRANSITIONS: Record<Status, readonly Status[]> = {
  open: ['in_progress', ...WAITING, 'resolved', 'cancelled'],
  in_progress: [...WAITING, 'resolved', 'open'],
  waiting_customer: FROM_WAITING,
  waiting_third_party: FROM_WAITING,
  on_hold: FROM_WAITING,
  resolved: ['closed', 'in_progress'],
  closed: [],
  cancelled: [],
}

export function canBecome(from: Status, to: Status): boolean {
  return TRANSITIONS[from].includes(to)
}

/** The statuses reached by a command of their own, because it takes more than a status. */
export const OWN_COMMAND: Partial<Record<Status, string>> = {
  resolved: 'ticket.resolve',
  closed: 'ticket.close',
  cancelled: 'ticket.cancel',
}

/** Whether `ticket.transition` leads from one to the other: out of `resolved` only a reopen does. */
export function canTransition(from: Status, to: Status): boolean {
  return canBecome(from, to) && from !== 'resolved' && OWN_COMMAND[to] === undefined
}

/** A ticket waits only with a reason. */
export function needsReason(to: Status): boolean {
  return categoryOf(to) === 'waiting'
}

/** The statuses in which a ticket is still somebody's work; devices replicate only these. */
export function isOpen(status: Status): boolean {
  const category = categoryOf(status)
  return category === 'new' || category === 'active' || category === 'waiting'
}

export const OPEN_STATUSES: readonly Status[] = Status.options.filter(isOpen)
