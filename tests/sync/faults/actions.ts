/** Attempts of people, sensible or not: a random command about a ticket, from one seed. */
import { v4 } from 'uuid'
import type { DeviceCommandName, InputOf } from '@rejoin/shared/commands.ts'
import { Priority } from '@rejoin/shared/priority.ts'
import { Status } from '@rejoin/shared/statuses.ts'
import type { Random } from '../../harness/random.ts'
import type { Office } from './office.ts'

export interface Action<Name extends DeviceCommandName = DeviceCommandName> {
  readonly name: Name
  readonly input: InputOf<Name>
}

export interface Setting {
  readonly random: Random
  readonly office: Office
  /** The ticket that the action is about, unless it opens one. */
  readonly ticketId: string
}

type Make = (setting: Setting) => Action

const TAGS = ['vip', 'lab', 'old']

const ACTIONS: readonly (readonly [weight: number, Make])[] = [
  [14, ({ random, ticketId }) => comment(random, ticketId, 'public')],
  [8, ({ random, ticketId }) => comment(random, ticketId, 'internal')],
  [
    8,
    ({ random, ticketId }) => action('work.log', { ticketId, workId: idFrom(random), minutes: 1 + random.below(90) }),
  ],
  [8, ({ random, ticketId }) => action('ticket.edit', { ticketId, set: { priority: random.pick(Priority.options) } })],
  [6, ({ random, ticketId }) => action('ticket.edit', { ticketId, set: { title: `Title ${random.below(1e6)}` } })],
  [3, ({ random, ticketId }) => action('ticket.edit', { ticketId, set: { site: `Site ${random.below(1e6)}` } })],
  [2, ({ random, ticketId }) => action('ticket.edit', { ticketId, set: { description: `Text ${random.below(1e6)}` } })],
  [9, ({ random, ticketId }) => action('ticket.claim', { ticketId, ...noise(random) })],
  [
    12,
    ({ random, ticketId, office }) => action('ticket.assign', { ticketId, agentId: random.pick(staffOf(office)).id }),
  ],
  [3, ({ ticketId }) => action('ticket.unassign', { ticketId })],
  [
    3,
    ({ random, ticketId, office }) =>
      action('ticket.move', { ticketId, departmentId: random.pick(office.departments) }),
  ],
  [1, ({ random, ticketId }) => action('ticket.move', { ticketId, departmentId: idFrom(random) })],
  [12, transition],
  [6, ({ random, ticketId }) => action('ticket.resolve', { ticketId, resolution: `Did ${random.below(1e6)}` })],
  [4, ({ ticketId }) => action('ticket.reopen', { ticketId, reason: 'It is broken again.' })],
  [2, ({ ticketId }) => action('ticket.close', { ticketId })],
  [2, ({ ticketId }) => action('ticket.cancel', { ticketId, reason: 'Not needed.' })],
  [6, ({ random, ticketId }) => action('ticket.tag', { ticketId, tag: random.pick(TAGS) })],
  [4, ({ random, ticketId }) => action('ticket.untag', { ticketId, tag: random.pick(TAGS) })],
  [3, ({ ticketId }) => action('ticket.watch', { ticketId })],
  [2, ({ random, ticketId, office }) => action('ticket.watch', { ticketId, userId: random.pick(office.members).id })],
  [3, ({ ticketId }) => action('ticket.unwatch', { ticketId })],
  [3, ({ random, office }) => createTicket(random, random.pick(office.departments))],
  // In a department that does not exist: refused after its number was drawn.
  [1, ({ random }) => createTicket(random, idFrom(random))],
]

const TOTAL = ACTIONS.reduce((sum, [weight]) => sum + weight, 0)

export function randomAction(setting: Setting): Action {
  let at = setting.random.below(TOTAL)
  const chosen = ACTIONS.find(([weight]) => (at -= weight) < 0) ?? ACTIONS[0]
  if (chosen === undefined) throw new Error('there are no actions')
  return chosen[1](setting)
}

export function createTicket(random: Random, departmentId: string): Action<'ticket.create'> {
  const title = `Ticket ${random.below(1e6)}`
  return action('ticket.create', {
    ticketId: idFrom(random),
    title,
    departmentId,
    priority: random.pick(Priority.options),
  })
}

/** A UUID that the seed decides. */
export function idFrom(random: Random): string {
  return v4({ random: Uint8Array.from({ length: 16 }, () => random.below(256)) })
}

/** Candidates for a ticket, some of whom cannot be given one. */
function staffOf({ members }: Office): Office['members'] {
  return members.slice(0, 7)
}

function comment(random: Random, ticketId: string, visibility: 'public' | 'internal'): Action {
  return action('comment.add', {
    ticketId,
    commentId: idFrom(random),
    body: `Thought ${random.below(1e6)}`,
    visibility,
  })
}

function transition({ random, ticketId }: Setting): Action {
  const reason = random.below(6) === 0 ? {} : { reason: 'For a reason.' }
  return action('ticket.transition', { ticketId, to: random.pick(Status.options), ...reason })
}

/** Fields that no schema knows: readers of the command leave them out. */
function noise(random: Random): object {
  return random.below(8) === 0 ? { colour: 'blue' } : {}
}

function action<Name extends DeviceCommandName>(name: Name, input: InputOf<Name>): Action<Name> {
  return { name, input }
}
