/** Announcements of presence: how much of it is told, how often, and to how many. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { Presence, type Person } from '@rejoin/server/doors/sync/presence.ts'
import { awarenessUpdate, decodeMessage, encodeAwareness, readAwareness } from '@rejoin/server/doors/yjs/protocol.ts'
import { exchangeWith } from '../doors/exchange.ts'
import { RawEditor } from '../doors/editor.ts'
import { RawSocket } from '../doors/socket.ts'
import { startWorld, type Person as Somebody, type World } from '../harness/world.ts'

const QUERY_AWARENESS = new Uint8Array([3])

it('takes so many presence frames of a device, and then so many a second', async () => {
  await using world = await startWorld({ limits: { presenceAtOnce: 5, presencePerSecond: 1 } })
  const ada = await world.person('ada', 'agent')
  const socket = await RawSocket.open(world.url, '/sync', ada.token)
  socket.send(encodeFrame(exchangeWith([]), 'cbor'))
  for (let count = 0; count < 6; count += 1) socket.send(encodeFrame({ type: 'presence', viewing: [v7()] }, 'cbor'))
  await socket.end()
  const last = decodeFrame(ServerFrame, socket.messages.at(-1) ?? '')
  expect(last).toMatchObject({ type: 'error', code: 'unavailable', retryAfter: expect.any(Number) as number })
})

it('tells those who have a ticket open of fifty people, and of those who come after them nothing', () => {
  const presence = new Presence()
  const told: (readonly Person[])[] = []
  const arrive = (name: string) => {
    const viewer = { person: { id: name, name }, see: (_: string, people: readonly Person[]) => void told.push(people) }
    presence.view(viewer, ['ticket'])
    return viewer
  }
  const early = Array.from({ length: 50 }, (_, index) => arrive(`early ${index}`))
  expect(told.at(-1)).toHaveLength(50)
  told.length = 0
  const late = Array.from({ length: 100 }, (_, index) => arrive(`late ${index}`))
  // Each late viewer is told of the people already there; nobody is told of the late ones.
  expect(told).toHaveLength(100)
  for (const viewer of late.slice(1)) presence.view(viewer, [])
  expect(told).toHaveLength(100)
  for (const viewer of early.slice(0, 1)) presence.view(viewer, [])
  expect(told.at(-1)?.map(({ name }) => name)).toContain('late 0')
  expect(Math.max(...told.map((people) => people.length))).toBe(50)
})

async function editorOf(world: World, person: Somebody, ticketId: string): Promise<RawEditor> {
  const editor = await RawEditor.open(world.url, ticketId, person.token)
  expect(editor.closed).toBe(null)
  return editor
}

function states({ socket }: RawEditor): unknown[] {
  return socket.messages.flatMap((data) => {
    const message = decodeMessage(data as Uint8Array)
    return message.kind === 'awareness' ? readAwareness(message.update).map(({ state }) => state) : []
  })
}

function many(count: number): Uint8Array<ArrayBuffer> {
  const entries = Array.from({ length: count }, (_, index) => [...awarenessUpdate(index + 1, 1, null)].slice(1))
  const lengths = [0x80 | (count & 0x7f), count >> 7]
  return new Uint8Array([...(count < 128 ? [count] : lengths), ...entries.flat()])
}

it.each([
  { what: 'a state of more than 4 KiB', update: awarenessUpdate(7, 1, { x: 'x'.repeat(4100) }), number: '4096' },
  { what: 'a message of more than 64 KiB', update: awarenessUpdate(7, 1, { x: 'x'.repeat(70_000) }), number: '65536' },
  { what: 'more clients than a message may name', update: many(201), number: '200' },
])('refuses $what in awareness, with the number, and tells nobody', async ({ update, number }) => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const other = await editorOf(world, ada, id)
  const editor = await editorOf(world, ada, id)
  editor.socket.send(encodeAwareness(update))
  const { code, reason } = await editor.socket.end()
  expect([code, reason]).toEqual([4403, expect.stringMatching(new RegExp(`^too-large: .*${number}`))])
  await other.fence()
  expect(states(other)).toEqual([])
})

it('takes what stock clients say and repeat', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const editor = await editorOf(world, ada, id)
  editor.socket.send(encodeAwareness(many(200)))
  await editor.fence()
  expect(editor.closed).toBe(null)
})

it('relays no more of one editor than a fast typist moves, and tells who comes the last of it', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const listener = await editorOf(world, ada, id)
  const mover = await editorOf(world, ada, id)
  const move = async (from: number, count: number) => {
    for (let at = from; at < from + count; at += 1) {
      mover.socket.send(encodeAwareness(awarenessUpdate(7, at, { cursor: at })))
    }
    await mover.fence()
    await listener.fence()
  }
  await move(1, 300)
  expect(states(listener)).toHaveLength(50)
  world.clock.advance(1000)
  await move(301, 300)
  expect(states(listener)).toHaveLength(60)
  const newcomer = await editorOf(world, ada, id)
  await newcomer.fence()
  expect(states(newcomer).at(-1)).toMatchObject({ cursor: 600 })
})

it.each([
  { what: 'for the document', ask: (editor: RawEditor) => editor.fence() },
  { what: 'who is there', ask: async ({ socket }: RawEditor) => socket.send(QUERY_AWARENESS) },
])('lets nobody ask $what for more bytes than they may send', async ({ ask }) => {
  await using world = await startWorld({ limits: { bytesAtOnce: 30_000, bytesPerSecond: 1 } })
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada, description: 'x'.repeat(4000) })
  const said = await editorOf(world, await world.desk(), id)
  said.socket.send(encodeAwareness(awarenessUpdate(7, 1, { x: 'x'.repeat(4000) })))
  await said.fence()
  const editor = await editorOf(world, ada, id)
  for (let count = 0; count < 12 && editor.closed === null; count += 1) {
    // As an editor that has no content yet.
    editor.doc.store.clients.clear()
    await ask(editor)
  }
  expect(await editor.socket.end()).toMatchObject({ code: 1013 })
})
