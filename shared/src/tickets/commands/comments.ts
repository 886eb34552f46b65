/** Commands that add to a ticket: comments and work logs. */
import { z } from 'zod'
import { ADDS } from '../../contract/on-device.ts'
import { started } from '../overlay.ts'
import { Body, Reason, Visibility } from '../ticket.ts'
import { Id } from '../../values.ts'
import { declare, OnTicket } from './on-ticket.ts'

export const AddComment = OnTicket.extend({ commentId: Id, body: Body, visibility: Visibility.default('public') })

export const addComment = declare({
  name: 'comment.add',
  input: AddComment,
  output: z.void(),
  action: {
    of: ['comment.public', 'comment.internal'],
    choose: ({ visibility }) => (visibility === 'public' ? 'comment.public' : 'comment.internal'),
  },
  codes: ['too-large'],
  mints: 'commentId',
  buildsOn: ADDS,
  predict(view, { commentId, body, visibility }, { actor, at }) {
    const comment = { id: commentId, authorId: actor.id, authorName: actor.name, body, visibility, createdAt: at }
    return { comments: [...view.comments, comment], ...started(view, { actor, at }) }
  },
  rest: 'POST /tickets/{ticketId}/comments',
  answer: 'tickets.comments',
  doc: 'Adds a comment: a public one is read by the requester, an internal one by staff only.',
})

export const logWork = declare({
  name: 'work.log',
  input: OnTicket.extend({ workId: Id, minutes: z.int().min(1).max(10_080), note: Reason.optional() }),
  output: z.void(),
  action: 'work.log',
  codes: ['too-large'],
  mints: 'workId',
  buildsOn: ADDS,
  predict(view, { workId, minutes, note }, { actor, at }) {
    const entry = { id: workId, authorId: actor.id, authorName: actor.name, minutes, note: note ?? null, createdAt: at }
    return { work: [...view.work, entry], ...started(view, { actor, at }) }
  },
  rest: 'POST /tickets/{ticketId}/work',
  answer: 'tickets.work',
  doc: 'Records working time on a ticket, in minutes.',
})
