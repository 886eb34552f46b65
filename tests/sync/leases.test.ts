/** Yjs client ids: leased to the first author who writes under them, so that every word in a document has an author. */
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { memoryStore, type MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { RawEditor } from '../doors/editor.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import { startWorld, type Field, type World } from '../harness/world.ts'

/** An agent's device that holds a ticket with a description. */
async function holding(world: World, store: MemoryStore = memoryStore()): Promise<{ ada: Field; id: string }> {
  const ada = await world.device(await world.person('ada', 'agent'), store)
  const { id } = await world.ticket({ assignee: ada.person, description: 'It jams.' })
  await ada.rejoin()
  return { ada, id }
}

function leases({ app }: World) {
  const select = app.read.selectFrom('textClient').select(['clientId', 'ownerId', 'deviceId', 'leasedAt'])
  return select.where('ownerId', '!=', 'system').orderBy('leasedAt').execute()
}

/** A description in which `words` stand under `clientId`, from its first clock. */
function written(clientId: number, words: string): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.getText('description').insert(0, words)
  return Y.encodeStateAsUpdate(doc)
}

it('records whose every client id is, on which device, since when', async () => {
  await using world = await startWorld()
  const { ada, id } = await holding(world)
  const text = ada.text(id, 'description')
  text.insert(0, 'Again: ')
  await ada.settled()
  const typedAt = world.app.now()
  await world.advance(1000)
  const sue = await world.person('sue', 'supervisor')
  const editor = await RawEditor.open(world.url, id, sue.token)
  await editor.write((doc) => doc.getText('notes').insert(0, 'Seen'))
  await editor.close()
  expect(await leases(world)).toEqual([
    { clientId: text.doc?.clientID, ownerId: ada.person.id, deviceId: ada.id, leasedAt: typedAt },
    { clientId: editor.doc.clientID, ownerId: sue.id, deviceId: null, leasedAt: typedAt + 1000 },
  ])
})

it('refuses what is inserted under an id of somebody else, and the server’s, and sends the ticket anew', async () => {
  await using world = await startWorld()
  const { ada, id } = await holding(world)
  ada.text(id, 'description').insert(0, 'Again: ')
  await ada.settled()
  const sue = await world.person('sue', 'supervisor')
  const [lease] = await leases(world)
  for (const clientId of [lease?.clientId ?? 0, world.app.clientId]) {
    const update = tailOf(await stateOf(world, sue.token, id), clientId, 'As if by Ada')
    const command = { name: 'text.write', input: { ticketId: id, update } }
    const batch = await exchangeByPost(world.url, sue.token, [command], { encoding: 'cbor' })
    expect(batch.verdicts).toMatchObject([{ outcome: 'refused', code: 'forged-author' }])
    expect(batch.enter.map(({ ticketId }) => ticketId)).toContain(id)
  }
})

async function stateOf(world: World, token: string, ticketId: string): Promise<Uint8Array> {
  const { enter } = await exchangeByPost(world.url, token, [], { encoding: 'cbor' })
  return enter.find((each) => each.ticketId === ticketId)?.state ?? new Uint8Array()
}

/** The words as the next that the client inserts into the notes. */
function tailOf(state: Uint8Array, clientId: number, words: string): Uint8Array {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, state)
  const before = Y.encodeStateVector(doc)
  // Last: Yjs gives a client another id when it takes in words under its own.
  doc.clientID = clientId
  doc.getText('notes').insert(0, words)
  return Y.encodeStateAsUpdate(doc, before)
}

it('takes the same words twice, and refuses other words in a place that is taken', async () => {
  await using world = await startWorld()
  const { ada, id } = await holding(world)
  const command = (words: string) => ({ name: 'text.write', input: { ticketId: id, update: written(77, words) } })
  const first = await exchangeByPost(world.url, ada.person.token, [command('one')], { encoding: 'cbor' })
  const again = await exchangeByPost(world.url, ada.person.token, [command('one')], { encoding: 'cbor' })
  const other = await exchangeByPost(world.url, ada.person.token, [command('two')], { encoding: 'cbor' })
  expect([first, again, other].map(({ verdicts }) => verdicts[0]?.outcome)).toEqual(['applied', 'applied', 'refused'])
  expect(other.verdicts[0]).toMatchObject({ code: 'forged-author', hint: expect.stringContaining('again') as string })
})

it('lets both copies of a store type, whoever typed first', async () => {
  await using world = await startWorld()
  const store = memoryStore()
  const { ada, id } = await holding(world, store)
  ada.disconnect()
  ada.text(id, 'notes').insert(0, 'Before. ')
  await ada.flush()
  const twin = await world.device(ada.person, memoryStore(store.entries()))
  twin.text(id, 'notes').insert('Before. '.length, 'The copy. ')
  await twin.settled()
  ada.text(id, 'notes').insert('Before. '.length, 'The original. ')
  await ada.rejoin()
  ada.text(id, 'notes').insert(0, 'After. ')
  await ada.settled()
  await twin.rejoin()

  expect(ada.formerId).toBe(twin.id)
  const { notes } = await ada.person.api.tickets.get.query({ ticketId: id })
  for (const words of ['Before. ', 'The copy. ', 'The original. ', 'After. ']) expect(notes).toContain(words)
  expect(ada.inbox()).toEqual([])
  const since = await leases(world)
  expect(since.map(({ deviceId }) => deviceId)).toContain(ada.id)
})
