/**
 * Every device has worked offline on each of its tickets, and all come back at once while the office goes on writing.
 * And the share of acknowledged work that is left when the server is killed right after.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../harness/server-process.ts'
import type { Shape } from '../fixture.ts'
import { quiet } from '../process.ts'
import { bodiesOf, titleOf, type Device, type System } from '../systems/system.ts'
import { until } from '../until.ts'
import { allOf, devicesOf, measure, stage, type Figures, type Stage } from './stage.ts'

const FIELD_NOTE = 'Replaced the roller and cleaned the second tray.'
const OFFICE_NOTE = 'The customer called again and asks when it is done.'
const NEW_TITLE = 'Second tray feeds two pages'
const OFFICE_WRITERS = 10
const STORED_MS = 15_000
/** Two hundred devices that look more often would spend their time on that. */
const GLANCE_MS = 50

interface Held {
  readonly device: Device
  readonly ticketIds: readonly string[]
}

export async function storm(system: System, shape: Shape): Promise<Figures> {
  await using on = await stage(system, shape)
  const devices = await devicesOf(on)
  await allOf(devices, (device) => device.connect())
  const held = devices.map((device, person) => ({ device, ticketIds: on.fixture.people[person]?.ticketIds ?? [] }))

  await measure(on, () => allOf(devices, (device) => device.disconnect()), on.system.restMs)
  for (const each of held) await workOffline(each)
  const called = held.flatMap(({ ticketIds }) => ticketIds.slice(0, 1))
  const office = await system.office(on.server, on.fixture.officeToken, called)
  await quiet(on.server, on.system.restMs)

  let ackMs = 0
  const { ms, cpuMs, clientCpuMs } = await measure(
    on,
    async () => {
      const start = performance.now()
      const calls = call(office, called)
      await Promise.all(
        held.map(async (each) => {
          await each.device.connect()
          await each.device.acknowledged()
          ackMs = performance.now() - start
          await until(() => isThere(each), GLANCE_MS)
        }),
      )
      await calls
    },
    on.system.restMs,
  )
  return { ackMs, convergedMs: ms, cpuMs, clientCpuMs }
}

/** How many acknowledged edits a kill -9 takes along, counted by devices that begin anew after the restart. */
export function loss(system: System, shape: Shape): Promise<Figures> {
  return killAfter(system, shape, 0)
}

/** The same when every store has been written: a loss then would be the measurement's fault. */
export async function lossLater(system: System, shape: Shape): Promise<Figures> {
  const { edits, lost } = await killAfter(system, shape, STORED_MS)
  return { edits, lostLater: lost }
}

async function killAfter(system: System, shape: Shape, ms: number): Promise<{ edits: number; lost: number }> {
  await using on = await stage(system, shape)
  const devices = await devicesOf(on)
  await allOf(devices, (device) => device.connect())
  await measure(on, () => allOf(devices, (device) => device.disconnect()), on.system.restMs)
  for (const [person, device] of devices.entries()) {
    await workOffline({ device, ticketIds: on.fixture.people[person]?.ticketIds ?? [] })
  }
  await allOf(devices, async (device) => {
    await device.connect()
    await device.acknowledged()
  })
  await sleep(ms)
  await on.server.end('SIGKILL')
  await allOf(devices, (device) => device.close())
  const edits = on.fixture.people.reduce((sum, { ticketIds }) => sum + ticketIds.length, 0)
  return { edits, lost: edits - (await countKept(on)) }
}

async function countKept(on: Stage): Promise<number> {
  on.server = await on.system.start(on.folder, await freePort())
  const devices = await devicesOf(on)
  await allOf(devices, (device) => device.connect())
  const kept = devices.map((device, person) => {
    const { ticketIds = [] } = on.fixture.people[person] ?? {}
    return ticketIds.filter((ticketId, index) => hasWork(device, ticketId, index)).length
  })
  return kept.reduce((sum, each) => sum + each, 0)
}

/** A comment on every other ticket, a new title on the rest. */
async function workOffline({ device, ticketIds }: Held): Promise<void> {
  for (const [index, ticketId] of ticketIds.entries()) {
    await (index % 2 === 0 ? device.comment(ticketId, FIELD_NOTE) : device.rename(ticketId, NEW_TITLE))
  }
}

function hasWork(device: Device, ticketId: string, index: number): boolean {
  const doc = device.doc(ticketId)
  return index % 2 === 0 ? bodiesOf(doc).includes(FIELD_NOTE) : titleOf(doc) === NEW_TITLE
}

/** The device holds its own work and the office's. */
function isThere({ device, ticketIds }: Held): boolean {
  const [called] = ticketIds
  if (called !== undefined && !bodiesOf(device.doc(called)).includes(OFFICE_NOTE)) return false
  return ticketIds.every((ticketId, index) => hasWork(device, ticketId, index))
}

async function call(office: Awaited<ReturnType<System['office']>>, ticketIds: readonly string[]): Promise<void> {
  for (let at = 0; at < ticketIds.length; at += OFFICE_WRITERS) {
    const some = ticketIds.slice(at, at + OFFICE_WRITERS)
    await Promise.all(some.map((ticketId) => office.comment(ticketId, OFFICE_NOTE)))
    // The office writes while the devices arrive, in all systems at the same pace.
    await sleep(10)
  }
}
