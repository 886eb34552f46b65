/** Documents of yrs: they take the server's, edit its texts offline, and merge through both doors into the same. */
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { documentValue } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import { YrsDocument, YrsEditor } from '../doors/yrs.ts'
import { randomFrom, type Random } from '../harness/random.ts'
import { startWorld, until, type Field, type World } from '../harness/world.ts'

const DESCRIPTION = 'It jams \u{1F600} often.'

async function stage() {
  const world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person, description: DESCRIPTION, estimateMinutes: 90 })
  await ada.rejoin()
  await ada.tickets.comment({ ticketId: id, body: 'Zürich, \u{1F5A8}' })
  await ada.settled()
  return { world, ada, id }
}

/** The server's document as its device would get it whole. */
async function stateOf({ url }: World, { person }: Field, ticketId: string): Promise<Uint8Array> {
  const { enter } = await exchangeByPost(url, person.token, [], { encoding: 'cbor' })
  return enter.find((each) => each.ticketId === ticketId)?.state ?? new Uint8Array()
}

async function writeText({ url }: World, { person }: Field, ticketId: string, update: Uint8Array) {
  const command = { name: 'text.write', input: { ticketId, update } }
  const { verdicts } = await exchangeByPost(url, person.token, [command], { encoding: 'cbor' })
  return verdicts[0]
}

/** What the server, the device and yrs have, each brought up to date. */
async function everywhere({ world, ada, id }: Awaited<ReturnType<typeof stage>>, document: YrsDocument) {
  await ada.rejoin()
  const state = await stateOf(world, ada, id)
  document.take(state)
  const doc = new Y.Doc()
  Y.applyUpdate(doc, state)
  return { server: documentValue(doc, TICKET_SHAPE), device: ada.replica(id), yrs: document.value }
}

it('takes the server’s document as it is', async () => {
  const all = await stage()
  await using _world = all.world
  const { server, device, yrs } = await everywhere(all, new YrsDocument())
  expect(yrs).toEqual(server)
  expect(device).toEqual(server)
  expect(yrs['description']).toBe(DESCRIPTION)
})

it('merges by text.write what it typed offline beside others', async () => {
  const all = await stage()
  await using _world = all.world
  const { world, ada, id } = all
  const document = new YrsDocument()
  document.take(await stateOf(world, ada, id))
  ada.text(id, 'description').insert(0, 'Again: ')
  await ada.settled()
  const update = document.edit(({ description, notes }) => {
    description.insert(DESCRIPTION.length, ' Room 12 \u{1F6AA}', undefined, undefined)
    description.delete(0, 3, undefined)
    notes.insert(0, 'By yrs', undefined, undefined)
  })
  expect(await writeText(world, ada, id, update)).toMatchObject({ outcome: 'applied' })

  const { server, device, yrs } = await everywhere(all, document)
  expect(server).toMatchObject({ description: 'Again: jams \u{1F600} often. Room 12 \u{1F6AA}', notes: 'By yrs' })
  expect(device).toEqual(server)
  expect(yrs).toEqual(server)
})

it('edits live at the door for editors', async () => {
  const all = await stage()
  await using _world = all.world
  const { world, ada, id } = all
  const editor = await YrsEditor.open(world.url, id, ada.person.token)
  expect(editor.document.value).toEqual(ada.replica(id))
  await editor.send(editor.document.edit(({ notes }) => notes.insert(0, 'Live', undefined, undefined)))
  await until(ada, () => ada.replica(id)?.['notes'] === 'Live')
  ada.text(id, 'notes').insert('Live'.length, ', both')
  await ada.settled()
  await editor.catchUp()
  expect(editor.document.value).toEqual(ada.replica(id))
  expect(editor.document.value['notes']).toBe('Live, both')
  await editor.socket.close()
})

/** A whole character of the text: yrs itself fails on half of one. */
function somewhere(text: string, random: Random): { index: number; length: number } {
  const characters = Array.from(text)
  const before = random.below(characters.length)
  return { index: characters.slice(0, before).join('').length, length: characters[before]?.length ?? 0 }
}

it.each([1, 2, 3])('converges whatever both sides type at once, by the seed %i', async (seed) => {
  const all = await stage()
  await using _world = all.world
  const { world, ada, id } = all
  const random = randomFrom(seed)
  const editor = await YrsEditor.open(world.url, id, ada.person.token)
  for (let round = 0; round < 15; round += 1) {
    ada.disconnect()
    const text = ada.text(id, 'description')
    const [inserted, deleted] = [somewhere(text.toJSON(), random), somewhere(text.toJSON(), random)]
    text.delete(deleted.index, deleted.length)
    text.insert(Math.min(inserted.index, deleted.index), random.pick(['Ada', '\u{1F600}', ' ']))
    const update = editor.document.edit(({ description }) => {
      const place = somewhere(description.toString(undefined), random)
      description.insert(place.index, random.pick(['yrs', '\u{1F5A8}', 'ß']), undefined, undefined)
      const gone = somewhere(description.toString(undefined), random)
      description.delete(gone.index, gone.length, undefined)
    })
    await editor.send(update)
    await ada.rejoin()
  }
  await editor.catchUp()
  expect(editor.socket.closed).toBeNull()
  const { server, device } = await everywhere(all, new YrsDocument())
  expect(device).toEqual(server)
  expect(editor.document.value).toEqual(server)
  await editor.socket.close()
})

it('refuses what is broken, of the second format, or of another kind, and nothing changes', async () => {
  const all = await stage()
  await using _world = all.world
  const { world, ada, id } = all
  const before = ada.replica(id)
  const document = new YrsDocument()
  document.take(await stateOf(world, ada, id))
  const update = document.edit(({ notes }) => notes.insert(0, 'By yrs', undefined, undefined))
  const embed = document.edit(({ notes }) => notes.insertEmbed(0, { image: 'x' }, {}, undefined))
  for (const bad of [update.slice(0, -3), document.stateV2, embed]) {
    expect(await writeText(world, ada, id, bad)).toMatchObject({ outcome: 'refused', code: 'malformed-text' })
    const editor = await YrsEditor.open(world.url, id, ada.person.token)
    await editor.send(bad)
    expect(editor.socket.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^malformed-/) as string })
  }
  await ada.rejoin()
  expect(ada.replica(id)).toEqual(before)
})
