/** Internal content stays with the staff: no door shows it to a requester, on their own ticket either. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { RawEditor } from '../doors/editor.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import { startWorld, type World } from '../harness/world.ts'

const SECRET = 'the warranty is void'

/** Rita's ticket, which she also watches, with every kind of content that only the staff may see. */
async function ticketWithSecrets(world: World) {
  const rita = await world.person('rita', 'requester')
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ requesterId: rita.id, assignee: ada })
  await rita.api.tickets.watch.mutate({ ticketId })
  const [publicId, internalId, workId] = [v7(), v7(), v7()]
  const note = { ticketId, commentId: internalId, body: SECRET, visibility: 'internal' as const }
  await ada.api.tickets.comment.mutate({ ticketId, commentId: publicId, body: 'We are on it.' })
  await ada.api.tickets.comment.mutate(note)
  await ada.api.tickets.logWork.mutate({ ticketId, workId, minutes: 20, note: SECRET })
  const editor = await RawEditor.open(world.url, ticketId, ada.token)
  await editor.write((doc) => doc.getText('notes').insert(0, SECRET))
  await editor.close()
  return { rita, ada, ticketId, publicId, internalId, workId }
}

it('shows a requester the public side of their ticket only', async () => {
  await using world = await startWorld()
  const { rita, ada, ticketId, publicId, internalId, workId } = await ticketWithSecrets(world)
  const view = await rita.api.tickets.get.query({ ticketId })
  expect(view).toMatchObject({ work: [], notes: '', watchers: [], comments: [{ id: publicId, body: 'We are on it.' }] })
  expect(await ada.api.tickets.get.query({ ticketId })).toMatchObject({ notes: SECRET, work: [{ note: SECRET }] })

  const told = JSON.stringify([
    view,
    await rita.api.tickets.history.query({ ticketId }),
    await rita.api.tickets.list.query({}),
    await rita.api.tickets.list.query({ text: 'warranty' }),
    await rita.api.tickets.queue.query(),
    await rita.api.notifications.list.query(),
  ])
  for (const secret of [SECRET, internalId, workId]) expect(told).not.toContain(secret)
})

it('tells a requester of public comments, and a watcher who may read them of internal ones', async () => {
  await using world = await startWorld()
  const { rita, ada, ticketId, publicId } = await ticketWithSecrets(world)
  const wanda = await world.person('wanda', 'agent', ['depot'])
  const outsider = await world.person('otto', 'requester')
  const desk = await world.desk()
  for (const { id } of [wanda, outsider]) await desk.api.tickets.watch.mutate({ ticketId, userId: id })
  const internal = { ticketId, commentId: v7(), body: SECRET, visibility: 'internal' as const }
  await ada.api.tickets.comment.mutate(internal)
  await ada.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })

  const commentsTold = async ({ api }: typeof rita) => {
    const notifications = await api.notifications.list.query()
    return notifications.filter(({ type }) => type === 'comment-added').map(({ payload }) => payload['commentId'])
  }
  expect(await commentsTold(rita)).toEqual([publicId])
  expect(await commentsTold(wanda)).toEqual([internal.commentId])
  expect(await outsider.api.notifications.list.query(), 'who may not see the ticket hears nothing of it').toEqual([])
})

it('carries nothing to the device of a requester, and opens them no document', async () => {
  await using world = await startWorld()
  const { rita, ticketId } = await ticketWithSecrets(world)
  const device = await world.device(rita)
  expect(device.held()).toEqual([])
  const batch = await exchangeByPost(world.url, rita.token, [])
  expect(batch).toMatchObject({ enter: [], change: [], leave: [], reset: true })
  const editor = await RawEditor.open(world.url, ticketId, rita.token)
  expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^not-found/) })
  expect(JSON.stringify(editor.value())).not.toContain(SECRET)
})

it('shows an agent who asked for something no more of it than any other requester', async () => {
  await using world = await startWorld()
  const asker = await world.person('anna', 'agent', ['depot'])
  const { id: ticketId } = await world.ticket({ requesterId: asker.id })
  const desk = await world.desk()
  const internalId = v7()
  const note = { ticketId, commentId: internalId, body: SECRET, visibility: 'internal' as const }
  await desk.api.tickets.comment.mutate(note)
  const told = JSON.stringify([
    await asker.api.tickets.get.query({ ticketId }),
    await asker.api.tickets.history.query({ ticketId }),
    await asker.api.notifications.list.query(),
  ])
  for (const secret of [SECRET, internalId]) expect(told).not.toContain(secret)
})
