/** Healing a restored server when that is interrupted, repeated, or reaches its bounds. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import type { PlaceRecord } from '@rejoin/client-sdk/ledger/records.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { placesWith } from '@rejoin/client-sdk/sync/places.ts'
import { DATABASE_FILE } from '@rejoin/server/core/db.ts'
import { MAX_COMMANDS, MAX_PLACES } from '@rejoin/shared/wire.ts'
import { startWorld, until, type World } from '../harness/world.ts'
import { keepingEveryWrite } from './restore-store.ts'
import { DAY, setScene, bodiesOf, ticketOf, type } from './restore-scene.ts'

/** Ada has done more than the server knows, on several tickets and in several ways. */
async function loseWork(world: World) {
  const scene = await setScene(world)
  const { ada, mine } = scene
  const backup = await world.backup()
  await ada.rejoin()
  const created = await ada.tickets.create({ title: 'Second printer' })
  await ada.tickets.claim(created)
  for (let count = 0; count < 5; count += 1) await ada.tickets.comment(mine.id, `Comment ${count}`)
  await ada.settled()
  await type(ada, created, 'Smoke')
  ada.disconnect()
  await ada.tickets.comment(created, 'Waits')
  await world.restore(backup)
  return { ...scene, created, backup }
}

const HEALED = {
  comments: ['Comment 0', 'Comment 1', 'Comment 2', 'Comment 3', 'Comment 4'],
  created: { description: 'Smoke', comments: ['Waits'] },
  pending: [],
  inbox: [],
}

async function whatIsThere({ desk, ada, mine, created }: Awaited<ReturnType<typeof loseWork>>) {
  const view = await ticketOf(desk, created)
  return {
    comments: bodiesOf(await ticketOf(desk, mine.id)),
    created: { description: view.description, comments: bodiesOf(view) },
    pending: ada.pending(),
    inbox: ada.inbox(),
  }
}

it('comes to the same end wherever it is cut', async () => {
  for (const bytes of [300, 700, 1000, 1200, 1500, 1900, 2400, 3000, 4000]) {
    await using world = await startWorld()
    const scene = await loseWork(world)
    const { ada } = scene
    ada.wire.breakAfter(bytes)
    ada.connect()
    await until(ada, () => ada.state === 'waiting' || (ada.state === 'live' && ada.pending().length === 0))
    await ada.rejoin()
    expect(await whatIsThere(scene)).toEqual(HEALED)
  }
})

it('comes to the same end wherever the device is killed, and once more', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const mine = await world.ticket({ assignee: ada })
  const store = keepingEveryWrite(memoryStore())
  const device = await world.device(ada, store)
  const backup = await world.backup()
  await device.rejoin()
  for (let count = 0; count < 5; count += 1) await device.tickets.comment(mine.id, `Comment ${count}`)
  await device.settled()
  await world.restore(backup)
  store.kept.length = 0
  await device.rejoin()
  await device.close()
  expect(store.kept.length).toBeGreaterThan(3)
  for (const entries of store.kept) {
    await world.restore(backup)
    const again = await world.device(ada, memoryStore(entries))
    const view = again.view(mine.id)
    expect(view === null ? [] : bodiesOf(view)).toEqual([0, 1, 2, 3, 4].map((count) => `Comment ${count}`))
    await again.close()
  }
})

it('offers again what it was told before it had all that belongs to it', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = await world.person('ada', 'agent')
  const tickets = []
  for (let count = 0; count < 120; count += 1) tickets.push(await world.ticket({ assignee: ada }))
  const [first] = tickets
  const store = keepingEveryWrite(memoryStore())
  const device = await world.device(ada, store)
  device.disconnect()
  for (const { id } of tickets) await desk.api.tickets.edit.mutate({ ticketId: id, set: { title: 'Changed' } })
  const backup = await world.backup()
  await device.tickets.comment(first?.id ?? '', 'Acknowledged')
  store.kept.length = 0
  await device.rejoin()
  await device.close()

  const half = store.kept.find((entries) => !entries.some(([key]) => key.startsWith('outbox/')))
  await world.restore(backup)
  await world.device(ada, memoryStore(half))
  expect(bodiesOf(await ticketOf(desk, first?.id ?? ''))).toEqual(['Acknowledged'])
})

it('heals again when the server is restored once more, to either side', async () => {
  await using world = await startWorld()
  const scene = await loseWork(world)
  const { ada, desk, mine, backup } = scene
  const older = backup
  await ada.rejoin()
  expect(await whatIsThere(scene)).toEqual(HEALED)
  const newer = await world.backup()
  await ada.rejoin()
  await ada.tickets.comment(mine.id, 'Comment 5')
  await ada.settled()
  for (const next of [older, newer, older, older]) {
    await world.restore(next)
    await ada.rejoin()
    expect(bodiesOf(await ticketOf(desk, mine.id))).toHaveLength(6)
    expect(ada.inbox()).toEqual([])
  }
})

it('heals under another epoch', async () => {
  await using world = await startWorld()
  const scene = await loseWork(world)
  await world.restore(scene.backup, (dataDir) => {
    using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
    db.exec(`update meta set value = 'another' where key = 'epoch'`)
  })
  await scene.ada.rejoin()
  expect(await whatIsThere(scene)).toEqual(HEALED)
})

it('heals from a log that no longer reaches back', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  await ada.tickets.comment(mine.id, 'Before')
  await ada.settled()
  ada.disconnect()
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { title: 'Changed' } })
  await world.restore(await world.backup(), (dataDir) => {
    using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
    db.exec('delete from revision where seq < (select max(seq) from revision)')
  })
  await ada.rejoin()
  expect(ada.view(mine.id)).toMatchObject({ title: 'Changed', comments: [{ body: 'Before' }] })
  expect(ada.inbox()).toEqual([])
})

it('offers nothing that is older than the device was told to keep', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine } = await setScene(world)
  for (const device of [ada, bob]) device.disconnect()
  const store = memoryStore()
  const options = { keepForMs: DAY }
  const first = await world.device(ada.person, store, options)
  const backup = await world.backup()
  await first.rejoin()
  await first.tickets.comment(mine.id, 'Old')
  await first.settled()
  world.clock.advance(2 * DAY)
  await first.tickets.comment(mine.id, 'New')
  await first.settled()
  await first.close()
  await world.restore(backup)
  const second = await world.device(ada.person, store, options)
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['New'])
  await second.close()
})

it('reports to the administrator what came back', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, his } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await ada.tickets.comment(mine.id, 'One')
  await ada.tickets.comment(mine.id, 'Two')
  await bob.tickets.resolve(his.id, { resolution: 'Done' })
  await world.converge()
  await world.restore(backup)
  await desk.api.tickets.assign.mutate({ ticketId: his.id, agentId: ada.person.id })
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { title: 'Now' } })
  await ada.rejoin()
  await ada.tickets.start(his.id)
  await ada.settled()
  await bob.rejoin()
  const [report, ...others] = await desk.api.sync.recoveries.query()
  expect(others).toEqual([])
  expect(report).toMatchObject({ finished: 2, offered: 3, recovered: 2, parked: 1, refused: 0, known: 0 })
  expect(report?.devices.find(({ deviceId }) => deviceId === bob.id)).toMatchObject({ parked: 1, recovered: 0 })
  await expect(ada.api.sync.recoveries.query()).rejects.toMatchObject({ data: { code: 'forbidden' } })
})

it('offers more than one exchange holds', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  const count = MAX_COMMANDS + 20
  ada.disconnect()
  for (let number = 1; number < count; number += 1) await ada.tickets.untag(mine.id, `tag-${number}`)
  await ada.tickets.comment(mine.id, 'The last one')
  await ada.rejoin()
  await world.restore(backup)
  await ada.rejoin()
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['The last one'])
  expect(await desk.api.sync.recoveries.query()).toMatchObject([{ offered: count, recovered: count, known: 0 }])
})

it('lets a simple client do the same by HTTP, and names what is wrong with what it holds', async () => {
  await using world = await startWorld()
  const { ada, mine } = await setScene(world)
  const post = async (more: object) => {
    const clock = { wall: world.clock.now(), mono: 1, boot: 'b' }
    const exchange = { type: 'exchange', device: v7(), incarnation: 0, schema: 1, clock, ...more }
    const headers = { authorization: `Bearer ${ada.person.token}`, 'content-type': 'application/json' }
    const response = await fetch(`${world.url}/sync`, { method: 'POST', headers, body: JSON.stringify(exchange) })
    return (await response.json()) as Record<string, unknown>
  }
  const place = { epoch: 'lost', cursor: 900, tag: 'lost' }
  const input = { ticketId: mine.id, commentId: v7(), body: 'Acknowledged' }
  const at = { wall: world.clock.now(), mono: 0, boot: 'b' }
  const effectiveAt = world.clock.now() - 30 * DAY
  const offered = [{ id: v7(), name: 'comment.add', input, at, seen: 0, effectiveAt }]
  const pending = [{ id: v7(), name: 'ticket.tag', input: { ticketId: mine.id, tag: 'late' }, at, seen: 0 }]
  expect(await post({ ...place, commands: pending })).toMatchObject({ reconcile: {}, more: true })
  expect(await post({ ...place, places: [place] })).toMatchObject({ reconcile: { since: 0 }, more: true })
  expect(await post({ ...place, offered })).toMatchObject({ verdicts: [{ outcome: 'applied' }], more: true })
  const whole = await post({ ...place, held: [{ ticketId: v7() }], commands: pending })
  expect(whole).toMatchObject({ verdicts: [{ outcome: 'applied' }], leave: [{ reason: 'access-lost' }] })
  expect(whole['enter']).toHaveLength(2)
  expect(whole).not.toHaveProperty('reset')
  await ada.rejoin()
  expect(ada.view(mine.id)).toMatchObject({ tags: ['late'], comments: [{ createdAt: effectiveAt }] })

  const broken = { ticketId: mine.id, snapshot: 'BQ==' }
  expect(await post({ ...place, held: [broken] })).toMatchObject({ code: 'malformed-frame' })
})

it('remembers two dozen places, fewer the longer ago they were', () => {
  let places: readonly PlaceRecord[] = []
  for (let cursor = 1; cursor <= 100_000; cursor += 1)
    places = placesWith(places, { cursor, tag: `${cursor}`, order: 1 })
  expect(places).toHaveLength(MAX_PLACES)
  expect(places.at(-1)?.cursor).toBe(100_000)
  for (const age of [10, 100, 1000, 10_000]) {
    const nearest = places.findLast(({ cursor }) => cursor <= 100_000 - age)
    expect(100_000 - (nearest?.cursor ?? 0)).toBeLessThan(4 * age)
  }
})
