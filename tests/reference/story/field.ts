/** Work without a network, which the server parks or counts later than it was done, and the devices that it came from. */
import type { Field, World } from '../../harness/world.ts'
import type { Scene } from './scene.ts'
import type { Crew } from './tickets.ts'

const LATE_MS = 80 * 3_600_000

export async function field({ office, support }: Scene, crew: Crew): Promise<void> {
  const { ada, bob, sue } = crew
  const { world } = office
  const device = await world.device(ada)
  await ada.api.devices.rename.mutate({ deviceId: device.id, name: 'Van 7' })
  await ada.api.devices.list.query()
  for (const title of ['Scanner', 'Scale', 'Gate']) {
    const ticketId = await ticketOf(crew, device, { title, support })
    await fallSilent(world, device)
    await device.tickets.resolve({ ticketId, resolution: 'New battery' })
    await sue.api.tickets.assign.mutate({ ticketId, agentId: bob.id })
    await bob.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
    await device.rejoin()
  }
  const [scanner, scale, gate] = await sue.api.parked.list.query()
  await sue.api.parked.approve.mutate({ commandId: scanner?.id ?? '' })
  await sue.api.parked.reject.mutate({ commandId: scale?.id ?? '', reason: 'Bob is still at it.' })
  await ada.api.parked.withdraw.mutate({ commandId: gate?.id ?? '' })
  await broughtLate(world, crew, { device, ticketId: await ticketOf(crew, device, { title: 'Crane', support }) })
  await device.rejoin()
  await ada.api.devices.revoke.mutate({ deviceId: device.id })
  await device.rejoin().catch(() => undefined)
}

/** A ticket that Ada has, on her device too. */
async function ticketOf({ ada, sue }: Crew, device: Field, { title, support }: { title: string; support: string }) {
  const ticketId = crypto.randomUUID()
  await sue.api.tickets.create.mutate({ ticketId, title, departmentId: support })
  await sue.api.tickets.assign.mutate({ ticketId, agentId: ada.id })
  await device.rejoin()
  return ticketId
}

/** Until the server has noticed: from then on the clocks of its tickets allow for late work. */
async function fallSilent(world: World, device: Field): Promise<void> {
  device.disconnect()
  while (world.app.connections.devices().length > 0) await new Promise((resolve) => setImmediate(resolve))
}

async function broughtLate(world: World, { sue }: Crew, { device, ticketId }: { device: Field; ticketId: string }) {
  await fallSilent(world, device)
  await device.tickets.resolve({ ticketId, resolution: 'New cable' })
  await world.advance(LATE_MS)
  await device.rejoin()
  const [late] = await sue.api.parked.listBackdated.query()
  await sue.api.parked.approveBackdated.mutate({ commandId: late?.id ?? '' })
}
