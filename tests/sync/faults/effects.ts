/**
 * What each accepted command does to a ticket, as a reader of the specification would write it down. It shares only the
 * table of statuses with the server.
 */
import { Priority } from '@rejoin/shared/priority.ts'
import { canBecome, canTransition, categoryOf, isOpen, type Status } from '@rejoin/shared/statuses.ts'
import { count, owns, type Case, type Model } from './model.ts'

/** What an accepted command did. Answers false where it could not have been accepted. */
export const EFFECTS: Partial<Record<string, (each: Case) => boolean>> = {
  'comment.add': addComment,
  'work.log': ({ model, ticket, input }) => add(model, ticket.work, input.workId, 'work-logged'),
  'ticket.edit': edit,
  'ticket.claim': (each) => (isDone(each) ? owns(each) : each.ticket.assigneeId === null && give(each, each.actor.id)),
  'ticket.assign': (each) =>
    isDone(each) ? each.ticket.assigneeId === each.input.agentId : give(each, each.input.agentId),
  'ticket.unassign': (each) => (isDone(each) ? each.ticket.assigneeId === null : give(each, null)),
  'ticket.move': (each) => {
    const { model, ticket, input } = each
    if (isDone(each)) return ticket.departmentId === input.departmentId
    ticket.departmentId = input.departmentId
    count(model, 'ticket-moved')
    return give(each, null)
  },
  'ticket.transition': (each) => {
    const { ticket, input } = each
    if (isDone(each)) return ticket.status === input.to
    if (isCredited(each)) return give(each, each.actor.id) && (ticket.status === input.to || move(each, input.to))
    return canTransition(ticket.status, input.to) && move(each, input.to)
  },
  'ticket.resolve': resolve,
  'ticket.reopen': (each) => {
    each.ticket.reopenCount += 1
    return each.ticket.status === 'resolved' && move(each, 'in_progress')
  },
  'ticket.close': (each) => (isDone(each) ? each.ticket.status === 'closed' : move(each, 'closed')),
  'ticket.cancel': (each) => (isDone(each) ? each.ticket.status === 'cancelled' : move(each, 'cancelled')),
  'ticket.tag': ({ model, ticket, input }) => {
    count(model, 'tag-added')
    ticket.tags.add(input.tag)
    return true
  },
  'ticket.untag': (each) => remove(each, each.ticket.tags, each.input.tag, 'tag-removed'),
  'ticket.watch': ({ model, ticket, input, actor }) => {
    count(model, 'watcher-added')
    ticket.watchers.add(input.userId ?? actor.id)
    return true
  },
  'ticket.unwatch': (each) => remove(each, each.ticket.watchers, each.input.userId ?? each.actor.id, 'watcher-removed'),
  'text.write': ({ ticket, input }) => {
    for (const token of typedIn(input.update)) ticket.typed.add(token)
    return true
  },
}

function addComment({ model, ticket, input, actor }: Case): boolean {
  const returns = input.visibility === 'public' && ticket.requesterId === actor.id
  if (returns && categoryOf(ticket.status) === 'waiting') {
    ticket.status = 'open'
    count(model, 'ticket-status-changed')
  }
  return add(model, ticket.comments, input.commentId, 'comment-added')
}

function edit({ model, ticket, input: { set }, code }: Case): boolean {
  const rank = (priority: Priority) => Priority.options.indexOf(priority)
  if (code === 'higher-priority-stands' || code === 'newer-value-stands') {
    count(model, 'ticket-edit-superseded')
    return set.priority === undefined || rank(ticket.priority) > rank(set.priority)
  }
  if (set.description !== undefined) return true
  count(model, 'ticket-edited')
  ticket.title = set.title ?? ticket.title
  ticket.priority = set.priority ?? ticket.priority
  return code === undefined
}

function resolve(each: Case): boolean {
  const { model, ticket } = each
  if (isDone(each)) return ticket.status === 'resolved'
  const isSecond = each.code === 'already-resolved' || (isCredited(each) && ticket.status === 'resolved')
  if (each.code === 'closed-meanwhile' || isSecond) {
    ticket.notes += 1
    count(model, 'comment-added')
    return isSecond ? ticket.status === 'resolved' : categoryOf(ticket.status) === 'closed'
  }
  if (isCredited(each)) give(each, each.actor.id)
  const isLegal = move(each, 'resolved')
  if (each.code !== 'reopened-meanwhile') return isLegal
  ticket.reopenCount += 1
  return move(each, 'in_progress') && isLegal
}

function give({ model, ticket }: Case, assigneeId: string | null): boolean {
  if (ticket.assigneeId !== assigneeId) count(model, assigneeId === null ? 'ticket-unassigned' : 'ticket-assigned')
  ticket.assigneeId = assigneeId
  return isOpen(ticket.status)
}

function move({ model, ticket }: Case, to: Status): boolean {
  const isLegal = canBecome(ticket.status, to)
  ticket.status = to
  count(model, 'ticket-status-changed')
  return isLegal
}

function add(model: Model, ids: Set<string>, id: string, event: string): boolean {
  const isNew = !ids.has(id)
  ids.add(id)
  count(model, event)
  return isNew
}

function remove({ model, code }: Case, values: Set<string>, value: string, event: string): boolean {
  if (code === 'added-meanwhile') return values.has(value)
  if (code === 'already-done') return !values.has(value)
  count(model, event)
  return values.delete(value)
}

function isDone({ code }: Case): boolean {
  return code === 'already-done'
}

function isCredited({ code }: Case): boolean {
  return code === 'credited-after-reassignment'
}

/** The marks that a text update brings: each is typed in one piece, so it stands in the bytes as it is. */
function typedIn(update: Uint8Array): string[] {
  return (
    Buffer.from(update)
      .toString('latin1')
      .match(/<\w+:\d+>/g) ?? []
  )
}
