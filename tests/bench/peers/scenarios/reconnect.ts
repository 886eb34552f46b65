/** A new device takes its tickets; devices that were away come back to nothing new, and to one ticket in a hundred. */
import { folderOf, type Shape } from '../fixture.ts'
import { quiet } from '../process.ts'
import { readStates } from '../states.ts'
import { bodiesOf, type Person, type System } from '../systems/system.ts'
import { until } from '../until.ts'
import { allOf, BRIEF_MS, devicesOf, inWaves, measure, stage, type Figures, type Stage } from './stage.ts'

const CHANGED_SHARE = 0.01
const NEWS = 'The spare part arrived; please fit it before Friday.'
/** y-websocket needs a socket for each ticket, and a process has only a limited number of file descriptors. */
const DEVICES_AT_ONCE = 50

export async function bootstrap(system: System, shape: Shape): Promise<Figures> {
  await using on = await stage(system, shape)
  const devices = await devicesOf(on)
  const { ms, cpuMs } = await measure(on, () => allOf(devices, (device) => device.connect()))
  return { ms, cpuMs }
}

export async function reconnect(system: System, shape: Shape): Promise<Figures> {
  await using on = await stage(system, shape)
  const people = on.fixture.people.slice(0, shape.people * system.share)
  const copies = new Map(readStates(folderOf(shape)).map(({ ticketId, state }) => [ticketId, state]))
  const copyOf = (ticketId: string) => copies.get(ticketId) ?? new Uint8Array()
  const comeTo = (news: readonly string[]) => comeBack(on, people, { copyOf, changed: new Set(news) })

  // Warms the program up: with every device where it must have met the server before, else with the first wave.
  await inWaves(system.mustMeet ? people : people.slice(0, DEVICES_AT_ONCE), DEVICES_AT_ONCE, async (some) => {
    const devices = await Promise.all(some.map((person) => system.returning(on.server, person, copyOf)))
    await allOf(devices, (device) => device.connect())
    await allOf(devices, (device) => device.close())
  })
  await quiet(on.server, system.restMs)
  system.night?.(on.folder)
  const same = await comeTo([])
  const changed = people.flatMap(({ ticketIds }) => ticketIds.slice(0, Math.max(1, ticketIds.length * CHANGED_SHARE)))
  const office = await system.office(on.server, on.fixture.officeToken, changed)
  await inWaves(changed, DEVICES_AT_ONCE, (some) => Promise.all(some.map((ticketId) => office.comment(ticketId, NEWS))))
  await office.close()
  await quiet(on.server, system.restMs)
  system.night?.(on.folder)
  const news = await comeTo(changed)
  return { devices: people.length, sameMs: same.ms, sameCpuMs: same.cpuMs, newsMs: news.ms, newsCpuMs: news.cpuMs }
}

/** Everybody comes back, one wave after the other, and leaves again; sums the time and the CPU of each. */
async function comeBack(
  on: Stage,
  everybody: readonly Person[],
  { copyOf, changed }: { copyOf: (ticketId: string) => Uint8Array; changed: ReadonlySet<string> },
): Promise<{ ms: number; cpuMs: number }> {
  const { system, server } = on
  const sum = { ms: 0, cpuMs: 0 }
  await inWaves(everybody, DEVICES_AT_ONCE, async (people) => {
    const devices = await Promise.all(people.map((person) => system.returning(server, person, copyOf)))
    await quiet(server, BRIEF_MS)
    const hasNews = ({ ticketIds }: Person, index: number) =>
      ticketIds.every((id) => !changed.has(id) || bodiesOf(mustHave(devices[index]).doc(id)).includes(NEWS))
    const { ms, cpuMs } = await measure(
      on,
      async () => {
        await allOf(devices, (device) => device.connect())
        if (changed.size > 0) await until(() => people.every(hasNews))
      },
      system.restMs,
    )
    sum.ms += ms
    sum.cpuMs += cpuMs
    await allOf(devices, (device) => device.close())
    await quiet(server, BRIEF_MS)
  })
  return { ms: sum.ms / everybody.length, cpuMs: sum.cpuMs / everybody.length }
}

function mustHave<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is no such device')
  return value
}
