/** What devices that hold their tickets and only listen cost the server in memory. */
import type { Shape } from '../fixture.ts'
import { quiet } from '../process.ts'
import type { System } from '../systems/system.ts'
import { allOf, inWaves, stage, watcherOn, type Figures } from './stage.ts'

const AT_ONCE = 20

export async function idle(system: System, shape: Shape): Promise<Figures> {
  await using on = await stage(system, shape)
  const emptyMb = await on.server.rss()
  const people = on.fixture.people.slice(0, shape.people * system.share)
  // One after the other, so that memory is that of devices at rest and not that of a rush.
  await inWaves(people, AT_ONCE, async (some) => {
    await allOf(await Promise.all(some.map((person) => watcherOn(on, person))), (device) => device.connect())
  })
  await quiet(on.server, on.system.restMs)
  const idleMb = await on.server.rss()
  return { devices: people.length, emptyMb, idleMb, deviceKb: ((idleMb - emptyMb) * 1024) / people.length }
}
