/** A seeded stream of commands by one supervisor, each of which leaves a trace that can be counted. */
import { v7 } from 'uuid'
import type { Courier } from '../../harness/courier.ts'
import type { Random } from '../../harness/random.ts'

const TAGS = ['printer', 'network', 'vip', 'spare-part'] as const
const MOVES = ['in_progress', 'on_hold', 'waiting_customer', 'open'] as const

export interface Stream {
  readonly courier: Courier
  readonly random: Random
  /** The tickets that anybody may work on; those that the stream opens are added to it. */
  readonly ticketIds: string[]
  readonly requesterId: string
  readonly departmentId: string
}

type Step = (stream: Stream, ticketId: string) => void

const STEPS: readonly (readonly [weight: number, Step])[] = [
  [
    30,
    ({ courier, random }, ticketId) => {
      const visibility = random.pick(['public', 'internal'] as const)
      courier.send('comment.add', { ticketId, commentId: v7(), body: `Thought ${random.below(1e6)}`, visibility })
    },
  ],
  [
    15,
    ({ courier, random }, ticketId) =>
      courier.send('work.log', { ticketId, workId: v7(), minutes: random.below(60) + 1 }),
  ],
  [10, ({ courier, random }, ticketId) => courier.send('ticket.tag', { ticketId, tag: random.pick(TAGS) })],
  [5, ({ courier, random }, ticketId) => courier.send('ticket.untag', { ticketId, tag: random.pick(TAGS) })],
  [
    8,
    ({ courier, random }, ticketId) =>
      courier.send('ticket.edit', { ticketId, set: { title: `Title ${random.below(1e6)}` } }),
  ],
  [
    5,
    ({ courier, random }, ticketId) => {
      const priority = random.pick(['low', 'medium', 'high', 'urgent'] as const)
      courier.send('ticket.edit', { ticketId, set: { priority } })
    },
  ],
  [
    12,
    ({ courier, random }, ticketId) =>
      courier.send('ticket.transition', { ticketId, to: random.pick(MOVES), reason: 'For a reason.' }),
  ],
  [5, ({ courier }, ticketId) => courier.send('ticket.resolve', { ticketId, resolution: 'Turned it off and on.' })],
  [6, ({ courier }, ticketId) => courier.send('ticket.reopen', { ticketId, reason: 'It is broken again.' })],
  [4, openTicket],
  [4, repeatSome],
]

const TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0)

/** Takes the next step of the stream. */
export function step(stream: Stream): void {
  const { random, ticketIds } = stream
  let at = random.below(TOTAL)
  const chosen = STEPS.find(([weight]) => (at -= weight) < 0)
  chosen?.[1](stream, random.pick(ticketIds))
}

export function openTicket({ courier, random, ticketIds, requesterId, departmentId }: Stream): void {
  const ticketId = v7()
  courier.send('ticket.create', { ticketId, title: `Ticket ${random.below(1e6)}`, requesterId, departmentId })
  ticketIds.push(ticketId)
}

/** As a device does that was restored from a copy: a command that has its verdict comes again. */
function repeatSome({ courier, random }: Stream): void {
  const decided = [...courier.verdicts.keys()]
  if (decided.length > 0) courier.repeat(random.pick(decided))
}
