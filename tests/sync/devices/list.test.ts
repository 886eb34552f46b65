/** The list of devices, their names, and the end of those that are lost. */
import { expect, it } from 'vitest'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { exchangeWith, post } from '../../doors/exchange.ts'
import { codeOf } from '../../harness/refused.ts'
import { startWorld, until, type Field, type World } from '../../harness/world.ts'

const MINUTE = 60_000

/** Hears what its connection says when it is over. */
async function ended(device: Field): Promise<void> {
  await until(device, () => device.state === 'signed-out')
}

function revoke(by: { api: Field['api'] }, device: Pick<Field, 'id'>) {
  return by.api.devices.revoke.mutate({ deviceId: device.id })
}

async function deviceWithWork(world: World) {
  const store = memoryStore()
  const ada = await world.device(await world.person('ada', 'agent'), store)
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  return { ada, id, store }
}

it('lists who has which device, since when, and how it is', async () => {
  await using world = await startWorld()
  const { ada, id } = await deviceWithWork(world)
  const enrolledAt = world.app.now()
  await ada.person.api.devices.rename.mutate({ deviceId: ada.id, name: 'Van 7' })
  ada.disconnect()
  await ada.tickets.comment({ ticketId: id, body: 'Underground' })
  const madeAt = world.app.now()
  await world.advance(20 * MINUTE)
  await ada.rejoin()
  await world.advance(MINUTE)

  const [listed, ...others] = await ada.person.api.devices.list.query()
  expect(others).toEqual([])
  expect(listed).toEqual({
    id: ada.id,
    name: 'Van 7',
    person: { id: ada.person.id, name: 'ada' },
    enrolledAt,
    lastSeenAt: madeAt + 20 * MINUTE,
    oldestPendingAt: madeAt,
    skewMs: 0,
    incarnation: 1,
    formerId: null,
    revokedAt: null,
    behind: 2,
  })
})

it('shows people their own devices, and administrators everybody’s', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const office = await world.desk()
  const idsOf = async (by: Field['person'], userId?: string) =>
    (await by.api.devices.list.query({ userId })).map(({ id }) => id).toSorted()
  expect(await idsOf(ada.person)).toEqual([ada.id])
  expect(await idsOf(office)).toEqual([ada.id, bob.id].toSorted())
  expect(await idsOf(office, bob.person.id)).toEqual([bob.id])
  expect(await codeOf(idsOf(ada.person, bob.person.id))).toBe('forbidden')
  expect(await codeOf(revoke(ada.person, bob))).toBe('not-found')
  const rename = ada.person.api.devices.rename.mutate({ deviceId: bob.id, name: 'Mine' })
  expect(await codeOf(rename)).toBe('not-found')
  expect(bob.state).toBe('live')
})

it('ends the connection of a revoked device at once, and has it erase its replica', async () => {
  await using world = await startWorld()
  const { ada, id } = await deviceWithWork(world)
  expect(ada.held()).toEqual([id])
  await revoke(ada.person, ada)
  await ended(ada)
  expect(ada.problem).toMatchObject({ code: 'device-revoked', hint: expect.stringContaining('stays readable') })
  expect(ada.held()).toEqual([])
  expect(ada.queue()).toEqual([])
})

it('answers a revoked device that was away, and keeps what it had not sent as evidence', async () => {
  await using world = await startWorld()
  const { ada, id, store } = await deviceWithWork(world)
  await ada.tickets.comment({ ticketId: id, body: 'Sent before' })
  await ada.settled()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: id, body: 'Never sent' })
  await revoke(await world.desk(), ada)
  ada.connect()
  await ended(ada)

  expect(ada.held()).toEqual([])
  expect(ada.pending()).toMatchObject([{ name: 'comment.add', input: { body: 'Never sent' } }])
  const bodies = await world.app.read.selectFrom('comment').select('body').execute()
  expect(bodies).toEqual([{ body: 'Sent before' }])
  expect(JSON.stringify(store.entries())).not.toContain('Sent before')
})

it('stays revoked, also under its old id after a copy, and its person goes on with a new store', async () => {
  await using world = await startWorld()
  const { ada, id, store } = await deviceWithWork(world)
  const copied = memoryStore(store.entries())
  await revoke(ada.person, ada)
  await revoke(ada.person, ada)
  await ended(ada)
  ada.connect()
  await ended(ada)
  const refused = await post(world.url, ada.person.token, JSON.stringify(exchangeWith([], ada.id)))
  expect(await refused.json()).toMatchObject({ code: 'device-revoked', wipe: true })
  await expect(world.device(ada.person, copied)).rejects.toThrow(/revoked/)

  const anew = await world.device(ada.person)
  expect(anew.held()).toEqual([id])
  const list = await ada.person.api.devices.list.query()
  expect(list.filter(({ revokedAt }) => revokedAt === null).map((each) => each.id)).toEqual([anew.id])
})
