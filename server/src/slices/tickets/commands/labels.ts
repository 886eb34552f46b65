/** Tags and watchers: added and removed one by one. An add wins over a remove made without having seen it. */
import { assertWithin, TAGS, WATCHERS } from '@rejoin/shared/budgets.ts'
import * as declared from '@rejoin/shared/tickets/commands/labels.ts'
import { getPerson } from '../../accounts/queries.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { EventBody } from '../../../core/events.ts'
import { must } from '../authorize.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'

export const tagTicket = implement(declared.tagTicket, async (context, { ticketId, tag }) => {
  const { tx, seq, deviceId } = context
  const ticket = getTicket(tx, ticketId)
  await must(context, 'ticket.tag', ticket)
  const added = { addedSeq: seq, addedBy: deviceId }
  const { size } = await tx
    .selectFrom('ticketTag')
    .select(({ fn }) => fn.countAll<number>().as('size'))
    .where('ticketId', '=', ticketId)
    .where('tag', '!=', tag)
    .executeTakeFirstOrThrow()
  assertWithin('tags', { size: size + 1, max: TAGS, unit: 'tags' }, 'Remove one first.')
  await tx
    .insertInto('ticketTag')
    .values({ ticketId, tag, ...added })
    .onConflict((conflict) => conflict.columns(['ticketId', 'tag']).doUpdateSet(added))
    .execute()
  await record(context, ticket, { type: 'tag-added', payload: { tag } })
})

export const untagTicket = implement(declared.untagTicket, { room: 'reserve' }, async (context, { ticketId, tag }) => {
  const { tx } = context
  const ticket = getTicket(tx, ticketId)
  await must(context, 'ticket.tag', ticket)
  const row = await tx
    .selectFrom('ticketTag')
    .select(['addedSeq', 'addedBy'])
    .where('ticketId', '=', ticketId)
    .where('tag', '=', tag)
    .executeTakeFirst()
  if (keptOrGone(context, row, `The tag ${tag}`)) return
  await tx.deleteFrom('ticketTag').where('ticketId', '=', ticketId).where('tag', '=', tag).execute()
  await record(context, ticket, { type: 'tag-removed', payload: { tag } })
})

export const watchTicket = implement(declared.watchTicket, async (context, { ticketId, userId = context.actor.id }) => {
  const { tx, seq, deviceId, actor } = context
  const ticket = getTicket(tx, ticketId)
  await must(context, userId === actor.id ? 'ticket.watch' : 'ticket.watch-for-others', ticket)
  const person = getPerson(tx, userId)
  const added = { addedSeq: seq, addedBy: deviceId }
  const size = ticket.watcherIds.filter((id) => id !== person.id).length + 1
  assertWithin('watchers', { size, max: WATCHERS, unit: 'watchers' }, 'Remove one first.')
  const reason = userId === actor.id ? 'chosen' : 'added'
  await tx
    .insertInto('ticketWatcher')
    .values({ ticketId, userId: person.id, reason, ...added })
    .onConflict((conflict) => conflict.columns(['ticketId', 'userId']).doUpdateSet(added))
    .execute()
  await record(context, ticket, { type: 'watcher-added', payload: { userId } })
})

export const unwatchTicket = implement(
  declared.unwatchTicket,
  { room: 'reserve' },
  async (context, { ticketId, userId = context.actor.id }) => {
    const { tx, actor } = context
    const ticket = getTicket(tx, ticketId)
    await must(context, userId === actor.id ? 'ticket.watch' : 'ticket.watch-for-others', ticket)
    const row = await tx
      .selectFrom('ticketWatcher')
      .select(['addedSeq', 'addedBy'])
      .where('ticketId', '=', ticketId)
      .where('userId', '=', userId)
      .executeTakeFirst()
    if (keptOrGone(context, row, 'The watcher')) return
    await tx.deleteFrom('ticketWatcher').where('ticketId', '=', ticketId).where('userId', '=', userId).execute()
    await record(context, ticket, { type: 'watcher-removed', payload: { userId } })
  },
)

/** True, with the reason told to the author, when there is nothing to remove or the add is news to them. */
function keptOrGone(
  { seen, deviceId, adjust }: CommandContext,
  row: { addedSeq: number; addedBy: string | null } | undefined,
  what: string,
): boolean {
  if (row === undefined) adjust('already-done', `${what} was already removed.`)
  else if (row.addedSeq > seen && row.addedBy !== deviceId)
    adjust('added-meanwhile', `${what} was added meanwhile and stays.`)
  else return false
  return true
}

async function record(
  context: CommandContext,
  ticket: TicketRow,
  body: EventBody<'tag-added' | 'tag-removed' | 'watcher-added' | 'watcher-removed'>,
): Promise<void> {
  await context.event({ subject: 'ticket', subjectId: ticket.id, ...body })
  updateTicket(context, ticket.id, {})
}
