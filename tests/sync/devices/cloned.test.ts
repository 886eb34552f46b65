/** A store that was copied or put back to an earlier state: noticed, never at the cost of anybody's work. */
import { describe, expect, it } from 'vitest'
import { memoryStore, type MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import type { Greeting } from '@rejoin/shared/sync/wire.ts'
import { exchangeByPost, exchangeWith, post } from '../../doors/exchange.ts'
import { RawSocket } from '../../doors/socket.ts'
import { startWorld, until, type Field, type Person, type World } from '../../harness/world.ts'

async function agentWithStore(world: World): Promise<{ ada: Field; store: MemoryStore }> {
  const store = memoryStore()
  const ada = await world.device(await world.person('ada', 'agent'), store)
  return { ada, store }
}

function copyOf(store: MemoryStore): MemoryStore {
  return memoryStore(store.entries())
}

function helloWith(greeting: Greeting) {
  return { ...exchangeWith([]), greeting }
}

function say({ url }: World, { token }: Person, frame: ReturnType<typeof helloWith>): Promise<Response> {
  return post(url, token, encodeFrame(frame, 'json'))
}

async function bodiesOf({ read }: World['app']): Promise<string[]> {
  const rows = await read.selectFrom('comment').select('body').orderBy('seq').execute()
  return rows.map(({ body }) => body)
}

it('makes a copied store a device of its own, which goes on by itself', async () => {
  await using world = await startWorld()
  const { ada, store } = await agentWithStore(world)
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  const copied = copyOf(store)
  const original = ada.id

  await ada.rejoin()
  const changes: string[] = []
  const twin = await world.device(ada.person, copied)
  twin.subscribe(({ kind }) => changes.push(kind))
  await twin.tickets.comment({ ticketId: id, body: 'from the copy' })
  await ada.tickets.comment({ ticketId: id, body: 'from the original' })
  await Promise.all([twin.settled(), ada.settled()])

  expect(ada).toMatchObject({ id: original, formerId: null, state: 'live' })
  expect(twin).toMatchObject({ formerId: original, state: 'live', problem: null })
  expect(twin.id).not.toBe(original)
  const devices = await world.app.read.selectFrom('device').select(['id', 'formerId', 'incarnation']).execute()
  expect(devices).toEqual([
    { id: original, formerId: null, incarnation: 1 },
    { id: twin.id, formerId: original, incarnation: 2 },
  ])
})

it('applies once what both copies hold, and all that each of them did after', async () => {
  await using world = await startWorld()
  const { ada, store } = await agentWithStore(world)
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: id, body: 'before the copy' })
  const copied = copyOf(store)
  await ada.tickets.comment({ ticketId: id, body: 'the original alone' })
  const twin = await world.device(ada.person, copied)
  await twin.tickets.comment({ ticketId: id, body: 'the copy alone' })
  await twin.settled()
  await ada.rejoin()

  expect(ada.formerId).not.toBeNull()
  expect((await bodiesOf(world.app)).toSorted()).toEqual(['before the copy', 'the copy alone', 'the original alone'])
  for (const device of [ada, twin]) {
    expect(device.pending()).toEqual([])
    expect(device.verdicts().map(({ outcome }) => outcome)).toEqual(['applied', 'applied'])
  }
})

it('tells the app of the new identity', async () => {
  await using world = await startWorld()
  const { ada, store } = await agentWithStore(world)
  ada.disconnect()
  const twin = await world.device(ada.person, copyOf(store))
  const heard: string[] = []
  ada.subscribe(({ kind }) => heard.push(kind))
  await ada.rejoin()
  expect(heard).toContain('identity')
  expect(ada.formerId).toBe(twin.id)
})

it('makes a store that was put back to an earlier state a new device with all that it holds', async () => {
  await using world = await startWorld()
  const { ada, store } = await agentWithStore(world)
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  const earlier = copyOf(store)
  await ada.tickets.comment({ ticketId: id, body: 'after the backup of the device' })
  await ada.settled()
  await ada.rejoin()
  await ada.close()
  const restored = await world.device(ada.person, earlier)
  await restored.tickets.comment({ ticketId: id, body: 'after it was put back' })
  await restored.settled()
  expect(restored.formerId).toBe(ada.id)
  expect(await bodiesOf(world.app)).toEqual(['after the backup of the device', 'after it was put back'])
})

it('tells apart the copies of a store that was never connected', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const store = memoryStore()
  const first = await world.device(ada, store)
  const fresh = store.entries().filter(([key]) => key === 'meta')
  const unborn = fresh.map(([key, meta]) => [key, { ...(meta as object), incarnation: 0, greeting: null }] as const)
  const second = await world.device(ada, memoryStore(unborn))
  expect(second.id).not.toBe(first.id)
  expect(second.formerId).toBe(first.id)
})

it('tells the copy what became of work that its former self had parked', async () => {
  await using world = await startWorld()
  const { ada, store } = await agentWithStore(world)
  const bob = await world.person('bob', 'agent')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  const office = await world.desk()
  await office.api.tickets.assign.mutate({ ticketId: id, agentId: bob.id })
  await bob.api.tickets.transition.mutate({ ticketId: id, to: 'in_progress' })
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'parked' }])
  const copied = copyOf(store)
  await ada.rejoin()
  const twin = await world.device(ada.person, copied)
  expect(twin.formerId).toBe(ada.id)

  const [parked] = await office.api.parked.list.query()
  await office.api.parked.reject.mutate({ commandId: parked?.id ?? '', reason: 'Bob has it' })
  await until(twin, () => twin.verdicts()[0]?.outcome === 'refused')
  expect(twin.verdicts()).toMatchObject([{ code: 'rejected' }])
})

it('ends the connection of a copy when the other connects, so that it finds out too', async () => {
  await using world = await startWorld()
  const { ada, store } = await agentWithStore(world)
  const { id: original } = ada
  const twin = await world.device(ada.person, copyOf(store))
  await until(ada, () => ada.state === 'waiting')
  await world.advance(1000)
  await until(ada, () => ada.state === 'live')
  expect(twin).toMatchObject({ id: original, formerId: null, state: 'live' })
  expect(ada.formerId).toBe(original)
})

describe('what is no copy', () => {
  it('repeats its greeting, as after an answer that was lost', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const hello = helloWith([1, 7])
    for (let round = 0; round < 2; round += 1) expect((await say(world, ada, hello)).status).toBe(200)
    expect((await say(world, ada, { ...hello, greeting: [2, 9] })).status).toBe(200)
  })

  it('takes no harm when an old frame of it arrives late', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const hello = helloWith([1, 7])
    await say(world, ada, hello)
    await say(world, ada, { ...hello, greeting: [2, 8] })
    const late = await say(world, ada, hello)
    expect(await late.json()).toMatchObject({ code: 'cloned-device', status: 409, become: { incarnation: 2 } })
    expect((await say(world, ada, { ...hello, greeting: [3, 9] })).status).toBe(200)
    expect(await world.app.read.selectFrom('device').select('id').execute()).toEqual([{ id: hello.device }])
  })

  it('is not heard on a connection that began with another greeting', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const hello = helloWith([1, 7])
    await say(world, ada, hello)
    const socket = await RawSocket.open(world.url, '/sync', ada.token)
    socket.send(encodeFrame({ ...hello, greeting: [2, 8] }, 'json'))
    await socket.until(() => socket.messages.length > 0)
    socket.send(encodeFrame(hello, 'json'))
    await socket.end()
    expect(String(socket.messages.at(-1))).toContain('malformed-frame')
  })

  it('comes back after a crash between receiving and storing', async () => {
    await using world = await startWorld()
    const { ada, store } = await agentWithStore(world)
    const said: MemoryStore[] = []
    const write = store.write.bind(store)
    store.write = async (change) => {
      await write(change)
      said.push(copyOf(store))
    }
    await ada.rejoin()
    await ada.close()
    // The greeting was stored and said, and the answer never was.
    const [crashed] = said
    const again = await world.device(ada.person, crashed)
    expect(again).toMatchObject({ id: ada.id, formerId: null })
  })

  it('is ahead of a server that was killed before it wrote the contact down, or restored from a backup', async () => {
    await using world = await startWorld()
    const { ada } = await agentWithStore(world)
    const backup = await world.backup()
    for (let round = 0; round < 3; round += 1) await ada.rejoin()
    await world.restart()
    await ada.rejoin()
    await world.restore(backup)
    await ada.rejoin()
    expect(ada.formerId).toBeNull()
  })

  it('is opened again from its store, as another tab does when the first is closed', async () => {
    await using world = await startWorld()
    const { ada, store } = await agentWithStore(world)
    await expect(world.device(ada.person, store)).rejects.toThrow(/already open/)
    await ada.close()
    const again = await world.device(ada.person, store)
    expect(again).toMatchObject({ id: ada.id, formerId: null })
  })

  it('is a client that does not count its greetings', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const device = crypto.randomUUID()
    for (let round = 0; round < 2; round += 1) await exchangeByPost(world.url, ada.token, [], { device })
    const rows = await world.app.read.selectFrom('device').select(['id', 'incarnation']).execute()
    expect(rows).toEqual([{ id: device, incarnation: 0 }])
  })
})
