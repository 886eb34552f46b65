/** Work that was parked, and how the tests look at what waits. */
import { expect } from 'vitest'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import type { Field, Person, World } from '../../harness/world.ts'

/** Ada worked offline on what Bob was given meanwhile and has started on. Sue decides. */
export async function parkedResolve(world: World, work?: (ada: Field, id: string) => Promise<unknown>) {
  const sue = await world.person('sue', 'supervisor')
  const ada = await world.person('ada', 'agent')
  const bob = await world.person('bob', 'agent')
  const store = memoryStore()
  const device = await world.device(ada, store)
  const { id } = await world.ticket({ assignee: ada })
  await device.rejoin()
  device.disconnect()
  if (work === undefined) await device.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  else await work(device, id)
  await takeOver(sue, bob, id)
  await device.rejoin()
  return { sue, bob, ada: device, store, id, get: () => sue.api.tickets.get.query({ ticketId: id }) }
}

export async function takeOver(sue: Person, bob: Person, ticketId: string): Promise<void> {
  await sue.api.tickets.assign.mutate({ ticketId, agentId: bob.id })
  await bob.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
}

export async function onlyParked(sue: Person) {
  const [first, ...others] = await sue.api.parked.list.query()
  expect(others).toEqual([])
  if (first === undefined) throw new Error('nothing is parked')
  return first
}

export function inboxOf(device: Field) {
  return device.inbox().map(({ name, outcome, code }) => ({ name, outcome, code }))
}
