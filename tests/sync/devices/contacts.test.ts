/** When devices were heard of: noted for all together, and never in the way of those who come back. */
import { expect, it } from 'vitest'
import { startWorld, type World } from '../../harness/world.ts'

const HOUR = 3_600_000

async function commits(world: World): Promise<number> {
  const text = await (await fetch(`${world.url}/metrics`)).text()
  return Number(/^rejoin_commit_batch_seconds_count (\d+)/m.exec(text)?.[1])
}

function lastSeen(world: World) {
  return world.app.read.selectFrom('device').select(['userId', 'lastSeenAt']).orderBy('createdAt').execute()
}

it('writes nothing for devices that come back to nothing new, and notes them all in one transaction later', async () => {
  await using world = await startWorld()
  const devices = await world.agents('ada', 'bob', 'cyd')
  for (const device of devices) device.disconnect()
  await world.advance(12 * HOUR)
  const before = await commits(world)
  for (const device of devices) await device.rejoin()
  expect(await commits(world)).toBe(before)
  const at = world.app.now()
  await world.advance(10_000)
  expect(await commits(world)).toBe(before + 1)
  expect(await lastSeen(world)).toEqual(devices.map(({ person }) => ({ userId: person.id, lastSeenAt: at })))
})
