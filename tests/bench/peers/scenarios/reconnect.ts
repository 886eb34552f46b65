/** A new device takes its tickets; devices that were away come back to nothing new, and to one ticket in a hundred. */
import { until } from '../until.ts'
import { bodiesOf, type System } from '../systems/system.ts'
import type { Shape } from '../fixture.ts'
import { allOf, devicesOf, measure, stage, type Figures } from './stage.ts'

const CHANGED_SHARE = 0.01
const NEWS = 'The spare part arrived; please fit it before Friday.'

export async function bootstrap(system: System, shape: Shape): Promise<Figures> {
  await using on = await stage(system, shape)
  const devices = await devicesOf(on)
  const { ms, cpuMs } = await measure(on, () => allOf(devices, (device) => device.connect()))
  return { ms, cpuMs }
}

export async function reconnect(system: System, shape: Shape): Promise<Figures> {
  await using on = await stage(system, shape)
  const devices = await devicesOf(on)
  await allOf(devices, (device) => device.connect())
  const connectAll = () => allOf(devices, (device) => device.connect())
  const leave = async () => {
    await measure(on, () => allOf(devices, (device) => device.disconnect()), on.system.restMs)
    system.night?.(on.folder)
  }
  await leave()
  const same = await measure(on, connectAll)
  await leave()

  const changed = on.fixture.people.flatMap(({ ticketIds }, person) =>
    ticketIds.slice(0, Math.max(1, ticketIds.length * CHANGED_SHARE)).map((ticketId) => ({ ticketId, person })),
  )
  const office = await system.office(
    on.server,
    on.fixture.officeToken,
    changed.map(({ ticketId }) => ticketId),
  )
  await Promise.all(changed.map(({ ticketId }) => office.comment(ticketId, NEWS)))
  await office.close()
  await measure(on, () => Promise.resolve(), on.system.restMs)
  const news = await measure(on, async () => {
    await connectAll()
    await until(() =>
      changed.every(({ ticketId, person }) => {
        const doc = devices[person]?.doc(ticketId)
        return doc !== undefined && bodiesOf(doc).includes(NEWS)
      }),
    )
  })
  return { sameMs: same.ms, sameCpuMs: same.cpuMs, newsMs: news.ms, newsCpuMs: news.cpuMs }
}
