/** What the compaction removes, and that it may stop anywhere. */
import { expect, it } from 'vitest'
import { compact } from '@rejoin/server/core/maintenance/compaction.ts'
import { rowsOnDisk } from '../../harness/database.ts'
import { startWorld } from '../../harness/world.ts'
import { act, catchUps, counts, DAY, oneDay, staySignedIn } from './churn.ts'

async function office() {
  const world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await world.converge()
  await staySignedIn(world)
  return { world, ada, id }
}

it('can stop between any two steps', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  const { app } = world
  const compactInSteps = (steps: number) => {
    let left = steps
    const commitOrThrow: typeof app.commits.commitOrThrow = async (...request) => {
      if (left === 0) throw new Error('It was killed.')
      left -= 1
      return app.commits.commitOrThrow(...request)
    }
    return compact({ config: app.config, now: app.now, commits: { commitOrThrow } })
  }
  await Promise.all(Array.from({ length: 300 }, (_, day) => oneDay(world, [id], ada.person.id, day)))
  world.clock.advance(20 * DAY)
  await ada.rejoin()
  world.clock.advance(25 * DAY)
  const whole = await catchUps(world, 'whole')
  let stops = 0
  for (let isOver = false; !isOver; stops += 1) {
    ada.disconnect()
    await act(world, 'ticket.edit', { ticketId: id, set: { title: `Stopped ${stops} times` } })
    isOver = await compactInSteps(2).then(
      () => true,
      () => false,
    )
    await ada.rejoin()
    expect(ada.view(id)?.title).toBe(`Stopped ${stops} times`)
  }
  expect(stops).toBeGreaterThan(4)
  expect(await catchUps(world, 'whole')).toBe(whole)
  expect(counts(world).updates).toBeLessThan(2 * stops)
})

it('keeps the size of a year of work on a few tickets that of its last month', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  ada.disconnect()
  const sizes: ReturnType<typeof counts>[] = []
  for (let week = 0; week < 52; week += 1) {
    await staySignedIn(world)
    for (let day = 0; day < 7; day += 1) await oneDay(world, [id], ada.person.id, day)
    await world.advance(7 * DAY)
    if (week === 9 || week === 51) sizes.push(counts(world))
  }
  const [early, late] = sizes.map(({ revisions, ...rest }) => ({ rest, revisions }))
  expect(early).toBeDefined()
  expect(late?.rest).toEqual(early?.rest)
  // A job's own revision falls before the count or after it; one a week would be 42 more.
  expect(Math.abs((late?.revisions ?? 0) - (early?.revisions ?? 0))).toBeLessThanOrEqual(2)
})

it('takes the document of a closed ticket from devices and from memory, and merges what is left of it', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  const { app } = world
  const memory = app.documents.inMemory
  await act(world, 'ticket.cancel', { ticketId: id })
  await ada.rejoin()
  expect([ada.held(), memory - app.documents.inMemory]).toEqual([[], 1])
  await world.ticket()
  await world.advance(40 * DAY)
  const updates = `select count(*) as count from documentUpdate where documentId = '${id}'`
  expect(rowsOnDisk(world.dataDir, updates)).toEqual([{ count: 0 }])
  const desk = await world.desk()
  expect(await desk.api.tickets.get.query({ ticketId: id })).toMatchObject({ status: 'cancelled' })
})
