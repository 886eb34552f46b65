/** Expresses an update of the log in commands: the differences from the update before, and from the agent's view. */
import type { Device } from '@rejoin/client-sdk/device.ts'
import type { Queued } from '@rejoin/client-sdk/methods.ts'
import { canBecome, categoryOf, isOpen, type Status } from '@rejoin/shared/statuses.ts'
import type { InputOf } from '@rejoin/shared/commands.ts'
import type { Update } from './read.ts'
import { priorityOf, statusOf } from './words.ts'

/** Queues a command on the device that it is given. */
export type Step = (device: Device) => Promise<Queued>

/** A ticket as the agent who acts knows it. */
export interface Sight {
  readonly ticketId: string
  readonly status: Status
  readonly isMine: boolean
}

const MINUTE = 60_000
const LONGEST_MINUTES = 480

export function create(ticketId: string, departmentId: string, update: Update): Step {
  const { incident, symptom, location, category, subcategory, priority } = update
  const title = [incident, symptom].filter((part) => part !== null).join(': ')
  const rest = {
    priority: priorityOf(priority),
    category: category ?? undefined,
    subcategory: subcategory ?? undefined,
    site: location ?? undefined,
  }
  return (device) => device.tickets.create({ ticketId, title, departmentId, ...rest })
}

/** At least one command. An agent who works on an open ticket takes it first. */
export function express(sight: Sight, before: Update, update: Update): Step[] {
  const { ticketId, status, isMine } = sight
  const said = [...fields(ticketId, before, update), ...handedOn(ticketId, before, update), ...moves(sight, update)]
  const words = `Updated by ${update.updatedBy}, ${update.state}.`
  const steps =
    said.length > 0
      ? said
      : [(device: Device) => device.tickets.comment({ ticketId, body: words, visibility: 'internal' })]
  return isMine || !isOpen(status) ? steps : [claim(ticketId), ...steps]
}

export function claim(ticketId: string): Step {
  return (device) => device.tickets.claim({ ticketId })
}

export function move(ticketId: string, departmentId: string): Step {
  return (device) => device.tickets.move({ ticketId, departmentId })
}

function fields(ticketId: string, before: Update, { priority, category, subcategory }: Update): Step[] {
  const set: InputOf<'ticket.edit'>['set'] = {
    ...(priority !== before.priority && { priority: priorityOf(priority) }),
    ...(category !== before.category && { category }),
    ...(subcategory !== before.subcategory && { subcategory }),
  }
  return Object.keys(set).length === 0 ? [] : [(device) => device.tickets.edit({ ticketId, set })]
}

/** Within a group the work goes on under another name: a work log of the one before says how long they had it. */
function handedOn(ticketId: string, before: Update, { assignedTo, at }: Update): Step[] {
  if (assignedTo === before.assignedTo || assignedTo === null) return []
  const minutes = Math.min(Math.max(Math.round((at - before.at) / MINUTE), 1), LONGEST_MINUTES)
  const note = `${before.assignedTo ?? 'Nobody yet'}, then ${assignedTo}`
  return [(device) => device.tickets.logWork({ ticketId, minutes, note })]
}

/** The way from the status that the agent sees to the one that the log has; closed tickets have none. */
export function moves({ ticketId, status }: Pick<Sight, 'ticketId' | 'status'>, { state, updatedBy }: Update): Step[] {
  const wanted = statusOf(state)
  if (wanted === null) return []
  return pathBetween(status, wanted).map((to): Step => {
    if (to === 'resolved') return (device) => device.tickets.resolve({ ticketId, resolution: `By ${updatedBy}.` })
    if (to === 'closed') return (device) => device.tickets.close({ ticketId })
    if (to === 'reopened') return (device) => device.tickets.reopen({ ticketId, reason: `By ${updatedBy}.` })
    return (device) =>
      device.tickets.transition({ ticketId, to, reason: categoryOf(to) === 'waiting' ? state : undefined })
  })
}

type Stop = Status | 'reopened'

function pathBetween(from: Status, to: Status): Stop[] {
  if (from === to || categoryOf(from) === 'closed') return []
  if (to === 'closed') return from === 'resolved' ? ['closed'] : ['resolved', 'closed']
  if (from === 'resolved') return to === 'in_progress' ? ['reopened'] : ['reopened', to]
  return canBecome(from, to) ? [to] : ['in_progress', to]
}
