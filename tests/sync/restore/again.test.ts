/** Healing a restored server when that is interrupted, or repeated. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { startWorld, until, type World } from '../../harness/world.ts'
import { keepingEveryWrite } from './store.ts'
import { setScene, bodiesOf, ticketOf, type } from './scene.ts'

/** Ada has done more than the server knows, on several tickets and in several ways. */
async function loseWork(world: World) {
  const scene = await setScene(world)
  const { ada, mine } = scene
  const backup = await world.backup()
  await ada.rejoin()
  const { ticketId: created } = await ada.tickets.create({ title: 'Second printer' })
  await ada.tickets.claim({ ticketId: created })
  for (let count = 0; count < 5; count += 1) await ada.tickets.comment({ ticketId: mine.id, body: `Comment ${count}` })
  await ada.settled()
  await type(ada, created, 'Smoke')
  ada.disconnect()
  await ada.tickets.comment({ ticketId: created, body: 'Waits' })
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
  for (let count = 0; count < 5; count += 1)
    await device.tickets.comment({ ticketId: mine.id, body: `Comment ${count}` })
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
  await device.tickets.comment({ ticketId: first?.id ?? '', body: 'Acknowledged' })
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
  await ada.tickets.comment({ ticketId: mine.id, body: 'Comment 5' })
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
