/** Healing a restored server at its bounds: what the log, a device, its places and one exchange hold. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { LogPositionRecord } from '@rejoin/client-sdk/ledger/records.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { positionsWith } from '@rejoin/client-sdk/sync/log-positions.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { MAX_COMMANDS, MAX_LOG_POSITIONS } from '@rejoin/shared/sync/wire.ts'
import { startWorld } from '../../harness/world.ts'
import { DAY, setScene, bodiesOf, ticketOf } from './scene.ts'

it('heals from a log that no longer reaches back', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  await ada.tickets.comment({ ticketId: mine.id, body: 'Before' })
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

it('brings back what was lost though the log was cut above all that its device remembers', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  await ada.tickets.comment({ ticketId: mine.id, body: 'Lost' })
  await ada.settled()
  ada.disconnect()
  await world.restore(backup)
  for (let count = 0; count < 20; count += 1) {
    await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { title: `Changed ${count}` } })
  }
  await world.restore(await world.backup(), (dataDir) => {
    using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
    db.exec('delete from revision where seq < (select max(seq) from revision)')
  })
  await ada.rejoin()
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['Lost'])
  expect(await desk.api.sync.recoveries.query()).toMatchObject([{ recovered: 1 }])
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
  await first.tickets.comment({ ticketId: mine.id, body: 'Old' })
  await first.settled()
  world.clock.advance(2 * DAY)
  await first.tickets.comment({ ticketId: mine.id, body: 'New' })
  await first.settled()
  await first.close()
  await world.restore(backup)
  const second = await world.device(ada.person, store, options)
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['New'])
  await second.close()
})

it('offers more than one exchange holds', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  const count = MAX_COMMANDS + 20
  ada.disconnect()
  for (let number = 1; number < count; number += 1) await ada.tickets.untag({ ticketId: mine.id, tag: `tag-${number}` })
  await ada.tickets.comment({ ticketId: mine.id, body: 'The last one' })
  await ada.rejoin()
  await world.restore(backup)
  await ada.rejoin()
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['The last one'])
  expect(await desk.api.sync.recoveries.query()).toMatchObject([{ offered: count, recovered: count, known: 0 }])
})

it('remembers two dozen places, fewer the longer ago they were', () => {
  let places: readonly LogPositionRecord[] = []
  for (let cursor = 1; cursor <= 100_000; cursor += 1)
    places = positionsWith(places, { cursor, tag: `${cursor}`, order: 1 })
  expect(places).toHaveLength(MAX_LOG_POSITIONS)
  expect(places.at(-1)?.cursor).toBe(100_000)
  for (const age of [10, 100, 1000, 10_000]) {
    const nearest = places.findLast(({ cursor }) => cursor <= 100_000 - age)
    expect(100_000 - (nearest?.cursor ?? 0)).toBeLessThan(4 * age)
  }
})
