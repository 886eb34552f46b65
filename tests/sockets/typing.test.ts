/** The traces of typing: rows by the minute and the second, not by the letter, and every letter. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { encodeUpdate } from '@rejoin/server/doors/yjs/protocol.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import { RawEditor } from '../doors/editor.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const MINUTE = 60_000
const TEXT = 'The printer on the second floor prints every page twice. '.repeat(6).slice(0, 300)

function count({ dataDir }: World, table: string): number {
  return rowsOnDisk(dataDir, `select 1 from "${table}"`).length
}

async function written(person: Person, ticketId: string): Promise<unknown[]> {
  const history = await person.api.tickets.history.query({ ticketId })
  return history.flatMap(({ type, payload }) =>
    type === 'text-written' ? [(payload as { texts: string[] }).texts] : [],
  )
}

/** Types a text letter by letter, as fast as it goes; each letter is an update of its own. */
function type(editor: RawEditor, text: string, name: 'description' | 'notes' = 'notes'): void {
  const send = (update: Uint8Array) => editor.socket.send(encodeUpdate(update))
  editor.doc.on('update', send)
  for (const letter of text) editor.doc.getText(name).insert(editor.doc.getText(name).length, letter)
  editor.doc.off('update', send)
}

it('keeps three hundred letters that an editor types as one event, and a few revisions and updates', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const reader = await RawEditor.open(world.url, id, (await world.desk()).token)
  const editor = await RawEditor.open(world.url, id, ada.token)
  const before = [count(world, 'revision'), count(world, 'documentUpdate')]
  type(editor, TEXT)
  await editor.fence()
  await reader.fence()
  expect(reader.value()).toMatchObject({ notes: TEXT })
  expect(await ada.api.tickets.get.query({ ticketId: id })).toMatchObject({ notes: TEXT })
  expect(await written(ada, id)).toEqual([['notes']])
  const after = [count(world, 'revision'), count(world, 'documentUpdate')]
  // About as many rows as seconds on the slowest machine, and not as letters.
  after.forEach((rows, index) => expect(rows - (before[index] ?? 0)).toBeLessThan(30))
})

it('tells in the history who wrote which text in which minute, once', async () => {
  await using world = await startWorld()
  const [ada, desk] = [await world.person('ada', 'agent'), await world.desk()]
  const { id } = await world.ticket({ assignee: ada })
  const editor = await RawEditor.open(world.url, id, ada.token)
  const other = await RawEditor.open(world.url, id, desk.token)
  for (const letter of 'abc') await editor.write((doc) => doc.getText('notes').insert(0, letter))
  for (const letter of 'abc') await editor.write((doc) => doc.getText('description').insert(0, letter))
  for (const letter of 'abc') await other.write((doc) => doc.getText('notes').insert(0, letter))
  for (const letter of 'abc') await editor.write((doc) => doc.getText('notes').insert(0, letter))
  expect(await written(ada, id)).toEqual([['notes'], ['description'], ['notes']])
  world.clock.advance(MINUTE)
  for (const letter of 'abc') await editor.write((doc) => doc.getText('notes').insert(0, letter))
  expect(await written(ada, id)).toEqual([['notes'], ['description'], ['notes'], ['notes']])
})

it('keeps the letters that a device brings one by one as one event', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => void updates.push(update))
  for (const letter of TEXT) doc.getText('notes').insert(doc.getText('notes').length, letter)
  const commands = updates.map((update) => ({
    name: 'text.write',
    input: { ticketId, update: Buffer.from(update).toString('base64') },
    id: v7(),
  }))
  const { verdicts } = await exchangeByPost(world.url, ada.token, commands)
  expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['applied']))
  expect(await ada.api.tickets.get.query({ ticketId })).toMatchObject({ notes: TEXT })
  expect(await written(ada, ticketId)).toEqual([['notes']])
})

it('keeps what an editor typed last when the connection ends right after', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const editor = await RawEditor.open(world.url, id, ada.token)
  type(editor, TEXT)
  await editor.close()
  await world.app.commits.idle()
  const reader = await RawEditor.open(world.url, id, ada.token)
  await reader.socket.until(() => reader.value()['notes'] === TEXT)
  expect(await written(ada, id)).toEqual([['notes']])
})

it('keeps what was typed before a write that is refused, and nothing of that', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const editor = await RawEditor.open(world.url, id, ada.token)
  type(editor, TEXT)
  await editor.write((doc) => void doc.getMap('fields').set('number', 'TKT-9999'))
  expect(editor.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^forbidden/) as string })
  expect(await ada.api.tickets.get.query({ ticketId: id })).toMatchObject({ notes: TEXT })
})

it('keeps what was typed before letters that build on nothing, which are refused with what follows them', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const editor = await RawEditor.open(world.url, id, ada.token)
  type(editor, 'Good.')
  const stray = new Y.Doc()
  stray.getText('notes').insert(0, 'never sent ')
  const unsent = Y.encodeStateVector(stray)
  stray.getText('notes').insert(11, 'and built on')
  editor.socket.send(encodeUpdate(Y.encodeStateAsUpdate(stray, unsent)))
  // The server asks it for the missing letters, and it has nothing to answer.
  for (let times = 0; times < 2; times += 1) await editor.fence()
  expect(editor.closed).toMatchObject({ code: 1013, reason: expect.stringMatching(/^missing-dependencies/) as string })
  expect(await ada.api.tickets.get.query({ ticketId: id })).toMatchObject({ notes: 'Good.' })
})

it('lets nobody see a letter that is not stored', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const reader = await RawEditor.open(world.url, id, (await world.desk()).token)
  const editor = await RawEditor.open(world.url, id, ada.token)
  type(editor, TEXT)
  for (let shown = 0; shown < TEXT.length;) {
    await reader.socket.until(() => String(reader.value()['notes']).length > shown)
    shown = String(reader.value()['notes']).length
    const [row] = rowsOnDisk(world.dataDir, 'select notes from ticket')
    expect((row as { notes: string }).notes.length).toBeGreaterThanOrEqual(shown)
  }
})
