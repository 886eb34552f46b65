/** A document that consists mostly of deleted text is rebuilt, and nobody loses their words. */
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { rebuildDocuments } from '@rejoin/server/core/maintenance/rebuild.ts'
import { RawEditor } from '../../doors/editor.ts'
import { Editor } from '../../harness/editor.ts'
import { rowsOnDisk } from '../../harness/database.ts'
import { randomFrom } from '../../harness/random.ts'
import { startWorld, type Field, type World } from '../../harness/world.ts'
import { act, DAY, staySignedIn } from './churn.ts'

const LONG = 2500

/** Types and deletes so that little text is left, and a trace of each letter. */
async function bloat(device: Field, ticketId: string): Promise<void> {
  const notes = device.text(ticketId, 'notes')
  notes.doc?.transact(() => {
    for (let count = 0; count < LONG; count += 1) notes.insert(0, 'x')
    notes.delete(0, LONG)
    notes.insert(0, 'Ask at the gate.')
  })
  await device.settled()
}

function bytesOf({ dataDir }: World, ticketId: string): number {
  const [row] = rowsOnDisk(dataDir, `select length(state) as bytes from document where id = '${ticketId}'`)
  return Number(row?.['bytes'])
}

async function office() {
  const world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ description: 'The printer jams.' })
  await world.converge()
  await staySignedIn(world)
  await bloat(ada, id)
  // The state is written when the tail of updates is long.
  for (let count = 0; count < 40; count += 1) {
    await act(world, 'ticket.edit', { ticketId: id, set: { title: `Title ${count}` } })
  }
  await world.converge()
  return { world, ada, bob, id }
}

it('is about as large as what it shows, and the same for everybody', async () => {
  const { world, ada, bob, id } = await office()
  await using _world = world
  bob.disconnect()
  const before = bytesOf(world, id)
  const { api } = await world.desk()
  const authors = await api.tickets.authors.query({ ticketId: id })
  await world.advance(DAY)
  expect(bytesOf(world, id)).toBeLessThan(before / 8)
  expect(await api.tickets.authors.query({ ticketId: id })).toEqual(authors)
  await ada.rejoin()
  ada.text(id, 'notes').insert(0, 'Closed at noon. ')
  await ada.settled()
  await bob.rejoin()
  expect(bob.view(id)).toMatchObject({ notes: 'Closed at noon. Ask at the gate.', description: 'The printer jams.' })
  expect(bob.replica(id)).toEqual(ada.replica(id))
})

it('takes in what was typed into the former one, also after the present one was changed', async () => {
  const { world, ada, bob, id } = await office()
  await using _world = world
  for (const device of [ada, bob]) device.disconnect()
  ada.text(id, 'description').insert('The printer'.length, ' in room 12')
  await ada.tickets.comment({ ticketId: id, body: 'Between two texts' })
  ada.text(id, 'description').insert(0, 'Ada: ')
  await ada.flush()
  bob.text(id, 'description').insert('The printer jams'.length, ' again')
  bob.text(id, 'notes').delete(0, 'Ask at '.length)
  await world.advance(DAY)
  await act(world, 'ticket.edit', { ticketId: id, set: { description: 'The printer jams. Urgent!' } })
  await bob.rejoin()
  await ada.rejoin()
  await bob.rejoin()
  const texts = { description: 'Ada: The printer in room 12 jams again. Urgent!', notes: 'the gate.' }
  expect(ada.view(id)).toMatchObject(texts)
  expect(bob.view(id)).toMatchObject(texts)
  const { api } = await world.desk()
  const { description } = await api.tickets.authors.query({ ticketId: id })
  expect(description).toContainEqual({
    text: ' again',
    person: expect.objectContaining({ name: 'bob' }),
    device: expect.anything(),
  })
  expect([...ada.verdicts(), ...bob.verdicts()].filter(({ outcome }) => outcome !== 'applied')).toEqual([])
})

it('takes in what is typed into a text that was opened before', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  const description = ada.text(id, 'description')
  await world.advance(DAY)
  description.insert(0, 'Still: ')
  await ada.settled()
  await ada.rejoin()
  expect(ada.view(id)?.description).toBe('Still: The printer jams.')
  ada.text(id, 'description').insert(0, 'And ')
  await ada.settled()
  const desk = await world.desk()
  expect(await desk.api.tickets.get.query({ ticketId: id })).toMatchObject({
    description: 'And Still: The printer jams.',
  })
})

it.each([1, 2, 3])('keeps every word that anybody typed at any time (seed %i)', async (seed) => {
  const { world, ada, bob, id } = await office()
  await using _world = world
  const random = randomFrom(seed)
  const words: string[] = []
  const type = (device: Field) => {
    const text = device.text(id, random.pick(['description', 'notes'] as const))
    const word = `<${words.length}>`
    words.push(word)
    text.insert(random.below(text.length + 1), word)
  }
  const devices = [ada, bob]
  for (const device of devices) device.disconnect()
  for (let step = 0; step < 12; step += 1) {
    const device = random.pick(devices)
    type(device)
    await device.flush()
    if (step === 4) await world.advance(DAY)
    if (random.below(3) === 0) {
      await device.rejoin()
      if (random.below(2) === 0) device.disconnect()
    }
  }
  await world.converge()
  await world.converge()
  const { description = '', notes = '' } = ada.view(id) ?? {}
  const left = [...(description + notes).matchAll(/\d/g)].map(String).toSorted()
  expect(left).toEqual([...words.join('').matchAll(/\d/g)].map(String).toSorted())
  expect(bob.view(id)).toEqual(ada.view(id))
})

it('leaves with its author what was typed into one that is older than the horizon', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  ada.disconnect()
  ada.text(id, 'description').insert(0, 'Typed in a cellar: ')
  await ada.flush()
  await world.advance(DAY)
  await act(world, 'ticket.tag', { ticketId: id, tag: 'north' })
  await world.advance(40 * DAY)
  await ada.rejoin()
  const text = { description: 'Typed in a cellar: The printer jams.' }
  expect(ada.inbox()).toMatchObject([{ name: 'text.write', code: 'missing-dependencies', text }])
  expect(ada.view(id)?.description).toBe('The printer jams.')
})

it('is not put beside the former one by an editor that comes back with that', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  const editor = await Editor.open(world, ada.person, id)
  editor.disconnect()
  // Until the server has noticed.
  while (world.app.rooms.isOpen(id)) await new Promise((resolve) => setImmediate(resolve))
  await world.advance(DAY)
  await editor.connect()
  expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('superseded') })
  editor[Symbol.dispose]()

  const raw = await RawEditor.open(world.url, id, ada.person.token)
  expect(raw.value()).toMatchObject({ notes: 'Ask at the gate.', description: 'The printer jams.' })
  await raw.sendUpdate(Y.encodeStateAsUpdate(editor.doc))
  expect(raw.closed).toMatchObject({ code: 4403 })
  const desk = await world.desk()
  expect(await desk.api.tickets.get.query({ ticketId: id })).toMatchObject({ notes: 'Ask at the gate.' })
})

it('closes an editor that was opened at the last moment', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  using editor = await Editor.open(world, ada.person, id)
  await rebuildDocuments({ ...world.app, isOpen: () => false })
  await editor.until(() => editor.closed !== null)
  expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('superseded') })
})

it('waits while somebody has it open in an editor', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  const before = bytesOf(world, id)
  {
    using _editor = await Editor.open(world, ada.person, id)
    await world.advance(DAY)
    expect(bytesOf(world, id)).toBe(before)
  }
})
