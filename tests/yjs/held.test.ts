/** Updates that come before what they build on wait for it, as many and as long as the numbers say, and no longer. */
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { encodeAwareness, encodeMissing, encodeUpdate } from '@rejoin/server/doors/yjs/protocol.ts'
import { RawEditor } from '../doors/editor.ts'
import { RawSocket } from '../doors/socket.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const NOBODY = encodeAwareness(new Uint8Array([0]))

/** Letters that somebody typed, each in an update of its own. */
function typed(text: Iterable<string>): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update) => updates.push(update))
  for (const each of text) doc.getText('notes').insert(doc.getText('notes').length, each)
  return { doc, updates }
}

/** A client that has not answered yet what the server lacks. */
async function newcomer({ url }: World, ticketId: string, { token }: Person): Promise<RawSocket> {
  const socket = await RawSocket.open(url, `/yjs/${ticketId}`, token)
  await socket.until(() => socket.messages.length > 0)
  return socket
}

/** Resolves when all that was sent before is judged: letters that were gathered are a turn behind. */
async function answered(socket: RawSocket): Promise<void> {
  for (let times = 0; times < 2; times += 1) {
    const before = socket.messages.length
    socket.send(NOBODY)
    await socket.until(() => socket.messages.length > before)
  }
}

async function notes(person: Person, ticketId: string): Promise<unknown> {
  return (await person.api.tickets.get.query({ ticketId })).notes
}

it('merges what was typed after a reconnect when what was typed before it has come', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id } = await world.ticket()
  const { doc, updates } = typed('offline')
  const socket = await newcomer(world, id, desk)
  for (const update of updates.slice(4)) socket.send(encodeUpdate(update))
  await answered(socket)
  expect(await notes(desk, id)).toBe('')
  socket.send(encodeMissing(Y.encodeStateAsUpdate(doc)))
  await answered(socket)
  expect([socket.closed, await notes(desk, id)]).toEqual([null, 'offline'])
  await socket.close()
})

it('keeps what was held and is allowed, where it waits together with what is not', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id } = await world.ticket()
  const { doc, updates } = typed(['offline ', 'typed ', 'more '])
  const offline = updates[0] ?? new Uint8Array()
  doc.getMap('fields').set('number', 'TKT-9999')
  const socket = await newcomer(world, id, desk)
  for (const update of updates.slice(1)) socket.send(encodeUpdate(update))
  socket.send(encodeMissing(offline))
  await socket.until(() => socket.closed !== null)
  expect([socket.closed?.code, await notes(desk, id)]).toEqual([4403, 'offline typed more '])
})

it('asks again for what one tab has heard from another before the server has', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id } = await world.ticket()
  const tab = await RawEditor.open(world.url, id, desk.token)
  const other = typed(['from the other tab'])
  for (const update of other.updates) Y.applyUpdate(tab.doc, update)
  await tab.write((doc) => doc.getText('notes').insert(8, ' very'))
  await tab.fence()
  expect([tab.closed, await notes(desk, id)]).toEqual([null, 'from the very other tab'])
  await tab.close()
})

it.each([
  { what: 'more updates than wait', text: Array.from({ length: 502 }, () => 'x'), number: '500' },
  {
    what: 'more bytes than wait',
    text: ['first', 'x'.repeat(90_000), 'y'.repeat(90_000), 'z'.repeat(90_000)],
    number: '262144',
  },
])('closes on $what, with the number and a code upon which every client comes back', async ({ text, number }) => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id } = await world.ticket()
  const socket = await newcomer(world, id, desk)
  for (const update of typed(text).updates.slice(1)) socket.send(encodeUpdate(update))
  expect(await socket.end()).toEqual({
    code: 1013,
    reason: expect.stringContaining(`the limit is ${number}.`) as string,
  })
  expect(await notes(desk, id)).toBe('')
})

it('lets nothing wait longer than half a minute for a client that goes on talking of other things', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id } = await world.ticket()
  const socket = await newcomer(world, id, desk)
  for (const update of typed(['first', 'second']).updates.slice(1)) socket.send(encodeUpdate(update))
  await answered(socket)
  world.clock.advance(30_000)
  await answered(socket)
  expect(socket.closed).toBe(null)
  world.clock.advance(1000)
  socket.send(NOBODY)
  expect(await socket.end()).toEqual({
    code: 1013,
    reason: expect.stringMatching(/^missing-dependencies: .*30 seconds/) as string,
  })
})
