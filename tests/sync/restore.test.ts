/** The server comes back from an older backup: what it had acknowledged and lost comes back from the devices. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import type { PlaceRecord } from '@rejoin/client-sdk/ledger/records.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { placesWith } from '@rejoin/client-sdk/sync/places.ts'
import { DATABASE_FILE } from '@rejoin/server/core/db.ts'
import { MAX_COMMANDS, MAX_PLACES } from '@rejoin/shared/wire.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startWorld, until, type Field, type Person, type World } from '../harness/world.ts'
import { keepingEveryWrite } from './restore-store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Ada and Bob, and a ticket of each, before the backup. */
async function setScene(world: World) {
  const desk = await world.desk()
  const [ada, bob] = await world.agents('ada', 'bob')
  const mine = await world.ticket({ assignee: ada.person })
  const his = await world.ticket({ assignee: bob.person })
  const shared = await world.ticket()
  await world.converge()
  return { desk, ada, bob, mine, his, shared }
}

function bodiesOf(view: { comments: readonly { body: string }[] }): string[] {
  return view.comments.map(({ body }) => body)
}

function ticketOf({ api }: Person, ticketId: string) {
  return api.tickets.get.query({ ticketId })
}

async function type(device: Field, ticketId: string, text: string): Promise<void> {
  const target = device.text(ticketId, 'description')
  target.insert(target.length, text)
  await device.settled()
}

it('brings back everything that was acknowledged and lost, once', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, his, shared } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await ada.tickets.comment(mine.id, 'On my way')
  await ada.tickets.start(mine.id)
  await ada.tickets.logWork(mine.id, { minutes: 30, note: 'Fuser' })
  await ada.tickets.tag(mine.id, 'fuser')
  await ada.tickets.edit(mine.id, { title: 'Printer, third floor', custom: { colour: 'red' } })
  await ada.tickets.claim(shared.id)
  await ada.settled()
  await type(ada, mine.id, 'It smells of smoke.')
  await type(ada, mine.id, ' Still.')
  const created = await ada.tickets.create({ title: 'Second printer', description: 'Also broken' })
  await ada.settled()
  await ada.tickets.note(created, 'Bought later')
  await ada.tickets.resolve(mine.id, { resolution: 'New fuser' })
  await bob.tickets.comment(his.id, 'Mine is fine')
  await world.converge()
  const before = await Promise.all([mine.id, his.id, shared.id, created].map((id) => ticketOf(desk, id)))
  const verdicts = ada.verdicts()

  await world.restore(backup)
  expect((await ticketOf(desk, mine.id)).comments).toEqual([])
  await world.converge()
  const after = await Promise.all([mine.id, his.id, shared.id, created].map((id) => ticketOf(desk, id)))
  const content = (views: typeof before) => views.map(({ clocks: _, ...view }) => view)
  expect(content(after)).toEqual(content(before))
  expect(ada.verdicts()).toEqual(verdicts)
  expect(ada.inbox()).toEqual([])
  expect(bob.inbox()).toEqual([])
  expect(after[0]).toMatchObject({ status: 'resolved', description: 'It smells of smoke. Still.', tags: ['fuser'] })

  await world.converge()
  const receipts = rowsOnDisk(world.dataDir, `select count(*) as count from receipt where deviceId = '${ada.id}'`)
  expect(receipts).toEqual([{ count: verdicts.length }])
})

it('gives a ticket that was created after the backup its id back, and the device its new number', async () => {
  await using world = await startWorld()
  const { desk, ada } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  const created = await ada.tickets.create({ title: 'Second printer' })
  await ada.settled()
  const { number } = await ticketOf(desk, created)
  await world.restore(backup)
  const other = await world.ticket({ title: 'From the office' })
  expect(other.number).toBe(number)
  await ada.rejoin()
  expect(ada.view(created)).toMatchObject({ title: 'Second printer', number: 'TKT-0005' })
  expect(await ticketOf(desk, created)).toMatchObject({ number: 'TKT-0005', requesterId: ada.person.id })
})

it('judges what waits after what came back, on which it may build', async () => {
  await using world = await startWorld()
  const { desk, ada } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  const created = await ada.tickets.create({ title: 'Second printer' })
  await ada.tickets.claim(created)
  await ada.settled()
  ada.disconnect()
  await ada.tickets.comment(created, 'Without a network')
  await ada.tickets.start(created)
  ada.text(created, 'notes').insert(0, 'Typed without a network')
  await ada.flush()
  await world.restore(backup)
  await ada.rejoin()
  expect(await ticketOf(desk, created)).toMatchObject({
    status: 'in_progress',
    comments: [{ body: 'Without a network' }],
    notes: 'Typed without a network',
  })
  expect(ada.verdicts().every(({ outcome }) => outcome === 'applied')).toBe(true)
})

it('keeps when it happened, however long ago that was', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  // Nobody tries to connect all the time that passes.
  for (const device of [ada, bob]) device.disconnect()
  const saidAt = world.clock.now()
  await ada.tickets.comment(mine.id, 'On my way')
  await world.advance(HOUR)
  const resolvedAt = world.clock.now()
  await ada.tickets.resolve(mine.id, { resolution: 'New fuser' })
  await world.advance(2 * HOUR)
  await ada.rejoin()
  ada.disconnect()
  world.clock.advance(10 * DAY)
  await world.restore(backup)
  await ada.rejoin()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ resolvedAt, comments: [{ createdAt: saidAt }] })
  expect(ada.inbox()).toEqual([])
})

it('ends equal when two devices bring back work that was interleaved, whoever comes first', async () => {
  for (const order of [0, 1]) {
    await using world = await startWorld()
    const { desk, ada, bob, shared } = await setScene(world)
    const backup = await world.backup()
    await world.converge()
    for (let round = 0; round < 4; round += 1) {
      const device = round % 2 === 0 ? ada : bob
      await device.tickets.edit(shared.id, { title: `Round ${round}` })
      await device.tickets.comment(shared.id, `Round ${round}`)
      await device.tickets.tag(shared.id, `tag-${round}`)
      await type(device, shared.id, `${round}`)
      await world.advance(60_000)
      await world.converge()
    }
    await world.restore(backup)
    for (const device of order === 0 ? [ada, bob] : [bob, ada]) await device.rejoin()
    await world.converge()
    const view = await ticketOf(desk, shared.id)
    expect(view.title).toBe('Round 3')
    expect(bodiesOf(view).toSorted()).toEqual(['Round 0', 'Round 1', 'Round 2', 'Round 3'])
    expect(view.tags).toEqual(['tag-0', 'tag-1', 'tag-2', 'tag-3'])
    expect(ada.replica(shared.id)).toEqual(bob.replica(shared.id))
  }
})

it('leaves lost what the office did, and goes on from there', async () => {
  await using world = await startWorld()
  const { desk, ada, mine, shared } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await desk.api.tickets.comment.mutate({ ticketId: mine.id, commentId: v7(), body: 'From the office' })
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Written in the office' } })
  const given = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  await ada.tickets.comment(mine.id, 'Seen')
  await ada.tickets.comment(given.id, 'Seen too')
  await ada.settled()
  expect(ada.held()).toContain(given.id)

  await world.restore(backup)
  await world.converge()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ description: '', comments: [{ body: 'Seen' }] })
  expect(ada.held().toSorted()).toEqual([mine.id, shared.id].toSorted())
  expect(ada.inbox()).toMatchObject([{ name: 'comment.add', code: 'not-found', input: { body: 'Seen too' } }])
})

it('keeps as plain text what was typed into a text that is lost', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Written in the office.' } })
  await until(ada, () => ada.view(mine.id)?.description !== '')
  await type(ada, mine.id, ' And by Ada.')
  await world.restore(backup)
  await ada.rejoin()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ description: '' })
  expect(ada.replica(mine.id)).toMatchObject({ description: '' })
  expect(ada.inbox()).toMatchObject([
    { name: 'text.write', code: 'missing-dependencies', text: { description: 'Written in the office. And by Ada.' } },
  ])
})

it('gives back what was deleted in a future that is lost', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Keep this' } })
  await ada.rejoin()
  const backup = await world.backup()
  await ada.rejoin()
  const place = rowsOnDisk(world.dataDir, 'select max(seq) as seq from revision')
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Keep' } })
  await until(ada, () => ada.view(mine.id)?.description === 'Keep')
  await world.restore(backup)
  expect(rowsOnDisk(world.dataDir, 'select max(seq) as seq from revision')).toEqual(place)
  await ada.rejoin()
  expect(ada.view(mine.id)?.description).toBe('Keep this')
})

it('tells the author where the office has decided otherwise since the restore', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, shared } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await ada.tickets.resolve(mine.id, { resolution: 'New fuser' })
  await ada.tickets.claim(shared.id)
  await ada.settled()
  expect(ada.inbox()).toEqual([])

  await world.restore(backup)
  await desk.api.tickets.cancel.mutate({ ticketId: mine.id })
  await desk.api.tickets.assign.mutate({ ticketId: shared.id, agentId: bob.person.id })
  await bob.rejoin()
  await bob.tickets.start(shared.id)
  await bob.settled()
  await ada.rejoin()
  expect(ada.inbox()).toMatchObject([
    { name: 'ticket.resolve', outcome: 'adjusted', code: 'closed-meanwhile' },
    { name: 'ticket.claim', outcome: 'refused', code: 'already-assigned', input: { ticketId: shared.id } },
  ])
  expect(await ticketOf(desk, mine.id)).toMatchObject({
    status: 'cancelled',
    comments: [{ body: 'Resolution: New fuser' }],
  })
  expect(await ticketOf(desk, shared.id)).toMatchObject({ assigneeId: bob.person.id, status: 'in_progress' })
})

it('takes for seen only what both have in common, also of what still waits', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  for (let count = 0; count < 10; count += 1) await ada.tickets.tag(mine.id, `tag-${count}`)
  await ada.settled()
  ada.disconnect()
  await ada.tickets.edit(mine.id, { title: 'Ada’s, earlier' })
  await world.advance(60_000)
  await world.restore(backup)
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { title: 'The office’s, later' } })
  await ada.rejoin()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ title: 'The office’s, later' })
  expect(ada.inbox()).toMatchObject([{ name: 'ticket.edit', outcome: 'adjusted', code: 'newer-value-stands' }])
})

it('asks nothing of a device that was away through all of it', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, his } = await setScene(world)
  ada.disconnect()
  await ada.tickets.comment(mine.id, 'In a cellar')
  const backup = await world.backup()
  await bob.rejoin()
  await bob.tickets.comment(his.id, 'Above')
  await bob.settled()
  await world.restore(backup)
  await ada.rejoin()
  await bob.rejoin()
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['In a cellar'])
  expect(bodiesOf(await ticketOf(desk, his.id))).toEqual(['Above'])
  expect(await desk.api.sync.recoveries.query()).toMatchObject([{ recovered: 1, devices: [{ deviceId: bob.id }] }])
})

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
