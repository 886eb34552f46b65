/** Documents: memory and disk hold the same, also after one is dropped from memory, merged or started anew. */
import * as Y from 'yjs'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { documentValue } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { findState } from '@rejoin/server/core/documents/state.ts'
import { startWorld, type World } from '../harness/world.ts'

async function stored(world: World, ticketId: string) {
  const row = await world.app.read
    .selectFrom('document')
    .select('stateSeq')
    .where('id', '=', ticketId)
    .executeTakeFirstOrThrow()
  const state = findState(world.app.read, ticketId) ?? new Uint8Array()
  const doc = new Y.Doc()
  Y.applyUpdate(doc, state)
  const updates = await world.app.read
    .selectFrom('documentUpdate')
    .select(['seq', 'update'])
    .where('documentId', '=', ticketId)
    .orderBy('seq')
    .execute()
  const tail = updates.filter(({ seq }) => seq > row.stateSeq).length
  return { tail, value: documentValue(doc, TICKET_SHAPE), updates: updates.map(({ update }) => update) }
}

/** The Yjs client ids under which an update writes. */
function authorsOf(update: Uint8Array): number[] {
  return [...new Set(Y.decodeUpdate(update).structs.map(({ id }) => id.client))]
}

it('gives the same value before and after it is dropped from memory', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket({ description: 'It jams' })
  const comment = (body: string) => api.tickets.comment.mutate({ ticketId, commentId: v7(), body })
  await comment('One')
  const before = (await stored(world, ticketId)).value
  world.app.documents.dropAll()
  await api.tickets.tag.mutate({ ticketId, tag: 'vip' })
  expect((await stored(world, ticketId)).value).toEqual({ ...before, tags: ['vip'] })
  await world.restart()
  await comment('Two')
  expect((await stored(world, ticketId)).value).toMatchObject({
    description: 'It jams',
    tags: ['vip'],
    comments: [{ body: 'One' }, { body: 'Two' }],
  })
})

it('keeps a bounded number of documents in memory', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const made = await Promise.all(Array.from({ length: 520 }, () => world.ticket()))
  expect(world.app.documents.inMemory).toBe(500)
  const ticketId = made[0]?.id ?? ''
  await api.tickets.edit.mutate({ ticketId, set: { description: 'Still here' } })
  expect((await stored(world, ticketId)).value).toMatchObject({ title: 'Printer', description: 'Still here' })
})

it('merges a long tail into the state and keeps every update for devices that were away', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket()
  const edits = 80
  let longest = 0
  for (let index = 1; index <= edits; index += 1) {
    await api.tickets.edit.mutate({ ticketId, set: { title: `Title ${index}` } })
    const { tail, value } = await stored(world, ticketId)
    longest = Math.max(longest, tail)
    expect(value['title']).toBe(`Title ${index}`)
  }
  expect(longest).toBe(32)
  const { tail, updates, value } = await stored(world, ticketId)
  expect(tail).toBeLessThan(32)
  expect(updates).toHaveLength(edits + 1)
  const replayed = new Y.Doc()
  for (const update of updates) Y.applyUpdate(replayed, update)
  expect(documentValue(replayed, TICKET_SHAPE)).toEqual(value)
})

it('brings a device up to date over a tail that was merged meanwhile', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  for (let index = 1; index <= 40; index += 1) {
    await api.tickets.edit.mutate({ ticketId, set: { title: `Title ${index}` } })
  }
  await ada.rejoin()
  expect(ada.view(ticketId)?.title).toBe('Title 40')
})

it('edits under one client id for each start, which it has recorded as its own', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket()
  const first = world.app.clientId
  const tag = (name: string) => api.tickets.tag.mutate({ ticketId, tag: name })
  await tag('one')
  world.app.documents.dropAll()
  await tag('two')
  await world.restart()
  const second = world.app.clientId
  await tag('three')
  await tag('four')
  world.app.documents.dropAll()
  await tag('five')

  expect(second).not.toBe(first)
  const { updates } = await stored(world, ticketId)
  const authors = updates.map(authorsOf)
  expect(authors).toEqual([[first], [first], [first], [second], [second], [second]])
  const owned = await world.app.read.selectFrom('textClient').select(['clientId', 'ownerId']).execute()
  expect(owned).toHaveLength(2)
  expect(owned).toEqual(expect.arrayContaining([first, second].map((clientId) => ({ clientId, ownerId: 'system' }))))
})
