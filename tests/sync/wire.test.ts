/** The frames on the wire: golden bytes, sizes, and the same exchange by socket and by HTTP. */
import { expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { once } from 'node:events'
import { may } from '@rejoin/shared/access/access.ts'
import { ActorView, Batch, DeviceFrame, Exchange, ServerFrame, SUBPROTOCOL } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const DEVICE = '01931f5e-0000-7000-8000-000000000001'
const TICKET = '01931f5e-0000-7000-8000-000000000002'

const HELLO = {
  type: 'exchange' as const,
  device: DEVICE,
  incarnation: 0,
  schema: 1,
  clock: { wall: 1_772_442_000_000, mono: 1000, boot: 'b1' },
}

it.each([
  [
    'an exchange with nothing to say',
    HELLO,
    'a56474797065686578636861' +
      '6e676565636c6f636ba3' +
      '64626f6f74626231646d6f6e6f1903e86477616c6c1b0000019cadc69a80' +
      '66646576696365782430313933316635652d303030302d373030302d383030302d30303030303030303030303166736368656d6101' +
      '6b696e6361726e6174696f6e00',
  ],
])('encodes %s as these bytes', (_what, frame, golden) => {
  const bytes = encodeFrame(frame, 'cbor')
  expect(Buffer.from(bytes).toString('hex')).toBe(golden)
  expect(decodeFrame(DeviceFrame, bytes)).toEqual({ ...frame, cursor: 0, contacts: [], commands: [] })
})

it('carries bytes as base64 in JSON', () => {
  const frame = {
    type: 'batch' as const,
    epoch: 'e',
    cursor: 3,
    tag: 't',
    serverTime: 1,
    enter: [{ ticketId: TICKET, state: new Uint8Array([1, 2, 255]) }],
  }
  const fromDatabase = { ...frame, enter: [{ ticketId: TICKET, state: Buffer.from([1, 2, 255]) }] }
  const text = encodeFrame(frame, 'json')
  expect(encodeFrame(fromDatabase, 'json')).toBe(text)
  expect(text).toContain('"state":"AQL/"')
  expect(decodeFrame(ServerFrame, text)).toMatchObject(frame)
})

it('says nothing of what is empty', () => {
  const text = encodeFrame({ ...HELLO, commands: [], contacts: [] }, 'json')
  expect(Object.keys(JSON.parse(text) as object)).toEqual(['type', 'device', 'incarnation', 'schema', 'clock'])
})

/** One exchange on a socket of its own: the bytes of the frames both ways, and the first answer. */
async function exchange(world: World, person: Person, frame: Parameters<typeof encodeFrame>[0]) {
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/sync`, [SUBPROTOCOL, `bearer.${person.token}`])
  await once(socket, 'open')
  const sent = encodeFrame(frame, 'cbor')
  socket.send(sent)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  await once(socket, 'close')
  return { bytes: sent.length + answer.length, batch: decodeFrame(Batch, new Uint8Array(answer)) }
}

it('costs one frame each way and under 300 bytes to reconnect when nothing changed, writes nothing and loads no document', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  for (let count = 0; count < 20; count += 1) await world.ticket({ assignee: ada })
  // As the SDK sends them: monotonic time in parts of milliseconds, and the boot as a UUID.
  const hello = { ...HELLO, clock: { ...HELLO.clock, mono: 123_456.7, boot: DEVICE } }
  const first = await exchange(world, ada, { ...hello, greeting: [1, 2 ** 32 - 1] })
  expect(first.batch).toMatchObject({ enter: { length: 20 }, incarnation: 1 })
  await world.restart()
  const commits = vi.spyOn(world.app.commits, 'commit')

  const { epoch, cursor, tag } = first.batch
  const greeting: [number, number] = [1000, 2 ** 32 - 1]
  const second = await exchange(world, ada, { ...hello, incarnation: 1, greeting, epoch, cursor, tag })
  expect(commits).not.toHaveBeenCalled()
  expect(second.bytes).toBeLessThan(300)
  expect(second.batch).toMatchObject({ enter: [], change: [], leave: [], reset: false, more: false })
  expect(world.app.documents.inMemory).toBe(0)
})

it('answers the same exchange by HTTP, in CBOR and in JSON', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  for (const encoding of ['cbor', 'json'] as const) {
    const command = {
      id: crypto.randomUUID(),
      name: 'comment.add',
      input: { ticketId: id, commentId: crypto.randomUUID(), body: encoding },
      at: HELLO.clock,
      seen: 0,
    }
    const response = await fetch(`${world.url}/sync`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ada.token}`, 'content-type': `application/${encoding}` },
      body: encodeFrame({ ...HELLO, commands: [command] }, encoding),
    })
    const body = encoding === 'cbor' ? new Uint8Array(await response.arrayBuffer()) : await response.text()
    const batch = decodeFrame(Batch, body)
    expect(batch).toMatchObject({ reset: true, verdicts: [{ id: command.id, outcome: 'applied' }] })
    expect(batch.enter.map(({ ticketId }) => ticketId)).toEqual([id])
  }
})

it('names the first thing that is wrong with a frame', () => {
  expect(() => decodeFrame(Exchange, JSON.stringify({ ...HELLO, incarnation: 'zero' }))).toThrow(/incarnation/)
})

it('is understood by a device that knows no custom roles, and by one that knows fewer actions', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { roles, setRole } = (await world.desk()).api.accounts
  const grants = { 'ticket.assign': ['department' as const] }
  const { output } = await roles.create.mutate({ name: 'Dispatcher', base: 'agent', grants })
  await setRole.mutate({ userId: ada.id, customRoleId: output.customRoleId })
  const { actor } = (await exchange(world, ada, HELLO)).batch
  expect(actor).toMatchObject({ role: 'agent', customRole: { name: 'Dispatcher', grants } })
  const earlier = ActorView.omit({ customRole: true })
  expect(earlier.parse(actor)).toEqual({ id: ada.id, name: 'ada', role: 'agent', departments: actor?.departments })
  const later = { ...actor, customRole: { ...actor?.customRole, grants: { 'ticket.paint': ['neighbour'] } } }
  const view = ActorView.parse(later)
  expect([may(view, 'ticket.claim', new Set(['queue'])), may(view, 'ticket.assign', new Set(['any']))]).toEqual([
    true,
    false,
  ])
})
