/** Tags, and who watches a ticket. */
import { z } from 'zod'
import { ADDS, both } from '../../contract/on-device.ts'
import { Tag } from '../ticket.ts'
import { declare, OnTicket } from './on-ticket.ts'

const WithTag = OnTicket.extend({ tag: Tag })
/** Without `userId`, the author. */
const WithWatcher = OnTicket.extend({ userId: z.string().min(1).optional() })

export const tagTicket = declare({
  name: 'ticket.tag',
  input: WithTag,
  output: z.void(),
  action: 'ticket.tag',
  codes: ['too-large'],
  buildsOn: ({ tag }) => both(`tag:${tag}`),
  predict: (view, { tag }) => ({ tags: [...new Set([...view.tags, tag])].toSorted() }),
  rest: 'PUT /tickets/{ticketId}/tags/{tag}',
  answer: 'tickets.get',
  doc: 'Adds a tag to a ticket.',
})

export const untagTicket = declare({
  name: 'ticket.untag',
  input: WithTag,
  output: z.void(),
  action: 'ticket.tag',
  codes: [],
  buildsOn: ({ tag }) => both(`tag:${tag}`),
  predict: (view, { tag }) => ({ tags: view.tags.filter((each) => each !== tag) }),
  rest: 'DELETE /tickets/{ticketId}/tags/{tag}',
  answer: 'tickets.get',
  doc: 'Removes a tag from a ticket. A tag that somebody added again meanwhile stays.',
})

export const watchTicket = declare({
  name: 'ticket.watch',
  input: WithWatcher,
  output: z.void(),
  // And `ticket.watch-for-others` for another person, which the server asks as well.
  action: 'ticket.watch',
  codes: ['too-large'],
  buildsOn: ADDS,
  predict(view, { userId }, { actor }) {
    const id = userId ?? actor.id
    if (view.watchers.some((watcher) => watcher.userId === id)) return {}
    return { watchers: [...view.watchers, { userId: id, reason: id === actor.id ? 'chosen' : 'added' }] }
  },
  rest: 'POST /tickets/{ticketId}/watch',
  answer: 'tickets.get',
  doc: 'Adds a watcher to a ticket: the author, or another person.',
})

export const unwatchTicket = declare({
  name: 'ticket.unwatch',
  input: WithWatcher,
  output: z.void(),
  // And `ticket.watch-for-others` for another person, which the server asks as well.
  action: 'ticket.watch',
  codes: [],
  buildsOn: ADDS,
  predict: (view, { userId }, { actor }) => ({
    watchers: view.watchers.filter((watcher) => watcher.userId !== (userId ?? actor.id)),
  }),
  sendsAway: true,
  rest: 'POST /tickets/{ticketId}/unwatch',
  answer: 'tickets.get',
  doc: 'Removes a watcher from a ticket: the author, or another person.',
})
