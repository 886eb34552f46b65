/** The door of `/yjs`: who may come in, where their token travels, and what closes the connection merging nothing. */
import { on, once } from 'node:events'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { WebSocket as RawSocket } from 'ws'
import { documentValue } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { findState } from '@rejoin/server/core/documents/state.ts'
import { Editor } from '../harness/editor.ts'
import { startWorld, type World } from '../harness/world.ts'

/** Resolves when the server asks for what it does not have; why it does not let somebody in is awareness. */
async function opened(socket: RawSocket): Promise<void> {
  for await (const [data] of on(socket, 'message')) if ((data as Buffer)[0] === 0) return
}

/** What the server says to somebody who knocks: `open`, or the code it closes with. */
async function knock(
  world: World,
  path: string,
  { headers = {}, protocols = [] }: { headers?: Record<string, string>; protocols?: string[] } = {},
): Promise<number | 'open'> {
  const socket = new RawSocket(`${world.url.replace(/^http/, 'ws')}${path}`, protocols, { headers })
  const answer = await Promise.race([
    opened(socket).then(() => 'open' as const),
    once(socket, 'close').then(([code]) => Number(code)),
  ])
  socket.terminate()
  return answer
}

async function stored(world: World, ticketId: string): Promise<Y.Doc> {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, findState(world.app.read, ticketId) ?? new Uint8Array())
  return doc
}

async function revisions(world: World): Promise<number> {
  return (await world.app.read.selectFrom('revision').select('seq').execute()).length
}

it('takes the token from a header, a cookie of its own pages, or a subprotocol, and never from the URL', async () => {
  await using world = await startWorld()
  const { token } = await world.person('sue', 'supervisor')
  const { id } = await world.ticket()
  const path = `/yjs/${id}`
  const cookie = `theme=dark; rejoin_session=${token}`

  expect(await knock(world, path, { headers: { authorization: `Bearer ${token}` } })).toBe('open')
  expect(await knock(world, path, { protocols: [`bearer.${token}`] })).toBe('open')
  expect(await knock(world, path, { headers: { cookie, origin: world.url } })).toBe('open')
  expect(await knock(world, path, { headers: { cookie, origin: 'https://elsewhere.example' } })).toBe(4401)
  expect(await knock(world, `${path}?token=${token}&bearer=${token}&access_token=${token}`)).toBe(4401)
  expect(await knock(world, path)).toBe(4401)
  expect(await knock(world, path, { headers: { authorization: `Bearer ${token}x` } })).toBe(4401)
})

it('opens nothing to somebody who may not see the whole ticket, and says no more than that it is not there', async () => {
  await using world = await startWorld()
  const { id } = await world.ticket()
  const stranger = await world.person('eve', 'agent', ['elsewhere'])
  const requester = await world.person('rob', 'requester')
  const own = { title: 'Mine', ticketId: '019cadc6-9a80-76ca-8403-9b794d4ab74b' }
  await requester.api.tickets.create.mutate(own)

  for (const [person, ticketId] of [
    [stranger, id],
    [stranger, own.ticketId.replace('019', '018')],
    [stranger, 'nothing'],
    [requester, own.ticketId],
  ] as const) {
    using editor = await Editor.open(world, person, ticketId)
    expect(editor.closed?.code).toBe(4403)
    expect(editor.closed?.reason).toContain('not-found')
    expect(editor.attempts).toBe(1)
  }
})

const FORBIDDEN: Record<string, (editor: Editor) => void> = {
  'a server-only key': ({ fields }) => void fields.set('number', 'TKT-9999'),
  'an unknown key': ({ fields }) => void fields.set('colour', 'red'),
  'an unknown root': ({ doc }) => doc.getText('smuggled').insert(0, 'x'),
  'a comment taken away': ({ doc }) => doc.getArray('comments').delete(0),
  'a comment put in': ({ doc }) => doc.getArray('comments').push([{ id: 'x', body: 'Forged' }]),
  'a nested type': ({ fields }) => void fields.set('title', new Y.Text('nested')),
}

it.each(Object.keys(FORBIDDEN))('closes with 4403 on %s, merging nothing of it', async (name) => {
  await using world = await startWorld()
  const supervisor = await world.person('sue', 'supervisor')
  const { id } = await world.ticket()
  await supervisor.api.tickets.comment.mutate({ ticketId: id, commentId: crypto.randomUUID(), body: 'A fact' })
  using reader = await Editor.open(world, await world.desk(), id)
  using writer = await Editor.open(world, supervisor, id)
  const before = { value: reader.value, revisions: await revisions(world) }
  writer.doc.transact(() => {
    writer.description.insert(0, 'Innocent text in the same update. ')
    FORBIDDEN[name]?.(writer)
  })
  await writer.until(() => writer.closed !== null)

  expect(writer.closed?.code).toBe(4403)
  // The client takes a code between 4400 and 4499 as final: it does not knock again with the same update.
  expect(writer.provider.shouldConnect).toBe(false)
  expect(writer.attempts).toBe(1)
  expect({ value: documentValue(await stored(world, id), TICKET_SHAPE), revisions: await revisions(world) }).toEqual(
    before,
  )
  expect(reader.value).toEqual(before.value)
  await reader.until(() => reader.others.length === 0)
})

/** Hands the editor's client an update that was written under another client id, and which it sends on. */
function writeAs(clientId: number, { doc }: Editor): void {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  copy.clientID = clientId
  copy.getText('description').insert(0, 'Not ')
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(copy))
}

it('closes with 4403 on an update under a client id that is somebody else’s, and on the server’s own', async () => {
  await using world = await startWorld()
  const supervisor = await world.person('sue', 'supervisor')
  const admin = await world.desk()
  const { id } = await world.ticket()
  using author = await Editor.open(world, supervisor, id)
  author.description.insert(0, 'By Sue.')
  using forger = await Editor.open(world, admin, id)
  await forger.until(() => forger.description.toJSON() === 'By Sue.')
  writeAs(author.doc.clientID, forger)
  await forger.until(() => forger.closed !== null)
  using usurper = await Editor.open(world, admin, id)
  writeAs(world.app.clientId, usurper)
  await usurper.until(() => usurper.closed !== null)

  expect(forger.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('forged-author') as string })
  expect(usurper.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('forged-author') as string })
  expect((await stored(world, id)).getText('description').toJSON()).toBe('By Sue.')
})

it('closes when the person signs out or loses the ticket', async () => {
  await using world = await startWorld()
  const admin = await world.desk()
  const agent = await world.person('ada', 'agent')
  const other = await world.person('bob', 'agent')
  const { id } = await world.ticket()
  using loser = await Editor.open(world, agent, id)
  await admin.api.tickets.assign.mutate({ ticketId: id, agentId: other.id })
  await loser.until(() => loser.closed !== null)
  using leaver = await Editor.open(world, other, id)
  await other.api.accounts.logOut.mutate()
  await leaver.until(() => leaver.closed !== null)

  expect(loser.closed?.code).toBe(4403)
  expect(loser.fields.get('assigneeId')).toBe(null)
  expect(leaver.closed?.code).toBe(4401)
})

it('never writes under a client id of an earlier start', async () => {
  await using world = await startWorld()
  const admin = await world.desk()
  const { id } = await world.ticket()
  using editor = await Editor.open(world, admin, id)
  const used: number[] = []
  for (const title of ['One', 'Two', 'Three']) {
    used.push(world.app.clientId)
    const before = Y.decodeStateVector(Y.encodeStateVector(editor.doc))
    await admin.api.tickets.edit.mutate({ ticketId: id, set: { title } })
    await editor.until(() => editor.fields.get('title') === title)
    const after = Y.decodeStateVector(Y.encodeStateVector(editor.doc))
    const grown = [...after].filter(([client, clock]) => clock !== before.get(client)).map(([client]) => client)
    expect(grown).toEqual([world.app.clientId])
    editor.disconnect()
    await world.restart()
    await editor.connect()
  }
  expect(new Set([...used, world.app.clientId]).size).toBe(4)
})
