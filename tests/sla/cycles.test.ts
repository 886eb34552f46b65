/** Clocks that begin again, and work that arrives after something later was known. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { startWorld, type World } from '../harness/world.ts'

const HOUR = 3_600_000

async function measured(world: World, metric: 'next_response' | 'ownership' | 'resolution') {
  const { api } = await world.desk()
  const value = { ...DEFAULT_POLICY, targets: { [metric]: { medium: 240 } } }
  await api.sla.policies.edit.mutate({ policyId: 'default', value })
  const [ada] = await world.agents('ada')
  const rita = await world.person('rita', 'requester')
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket({ requesterId: rita.id })
  const cycles = async () => {
    const { clocks } = await api.sla.check.query({ ticketId })
    return clocks.map(({ state, elapsedMs, breachAt }) => [state, elapsedMs / HOUR, breachAt !== null])
  }
  const write = (author: { api: typeof api }) =>
    author.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Words', visibility: 'public' })
  return { api, ada, rita, ticketId, startedAt, cycles, write }
}

it('awaits the next response from the oldest message of a burst, a cycle for each', async () => {
  await using world = await startWorld()
  const { api, ada, rita, ticketId, cycles, write } = await measured(world, 'next_response')
  await api.tickets.assign.mutate({ ticketId, agentId: ada.person.id })
  await write(rita)
  expect(await cycles()).toEqual([])
  await write(ada.person)
  await write(rita)
  await world.advance(HOUR)
  await write(rita)
  await world.advance(HOUR)
  expect(await cycles()).toEqual([['running', 2, false]])
  await write(ada.person)
  await world.advance(HOUR)
  await write(rita)
  await world.advance(5 * HOUR)
  expect(await cycles()).toEqual([
    ['stopped', 2, false],
    ['running', 5, true],
  ])
})

it('awaits an owner at first, and again when a ticket returns to the queue', async () => {
  await using world = await startWorld()
  const { api, ada, ticketId, cycles } = await measured(world, 'ownership')
  await world.advance(HOUR)
  await api.tickets.assign.mutate({ ticketId, agentId: ada.person.id })
  await world.advance(HOUR)
  expect(await cycles()).toEqual([['running', 2, false]])
  await ada.person.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  await world.advance(HOUR)
  await api.tickets.unassign.mutate({ ticketId })
  await world.advance(3 * HOUR)
  expect(await cycles()).toEqual([
    ['stopped', 2, false],
    ['running', 3, false],
  ])
})

it('ends a clock when the work was done, whatever the office moved before it knew', async () => {
  await using world = await startWorld()
  const { api, ada, ticketId, startedAt, cycles } = await measured(world, 'resolution')
  await api.tickets.assign.mutate({ ticketId, agentId: ada.person.id })
  await ada.rejoin()
  ada.disconnect()
  await world.advance(HOUR)
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  await world.advance(HOUR)
  await api.tickets.transition.mutate({ ticketId, to: 'on_hold', reason: 'Parts' })
  await world.advance(HOUR)
  await ada.rejoin()
  expect(await cycles()).toEqual([['stopped', 1, false]])
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'resolved', resolvedAt: startedAt + HOUR })
})

it('lets a clock go on from the last move that was known when another one arrives late', async () => {
  await using world = await startWorld()
  const { api, ada, ticketId, cycles } = await measured(world, 'resolution')
  await api.tickets.assign.mutate({ ticketId, agentId: ada.person.id })
  await ada.rejoin()
  ada.disconnect()
  await world.advance(HOUR)
  await ada.tickets.transition({ ticketId, to: 'in_progress' })
  await world.advance(HOUR)
  await api.tickets.transition.mutate({ ticketId, to: 'on_hold', reason: 'Parts' })
  await world.advance(HOUR)
  expect(await cycles()).toEqual([['paused', 2, false]])
  await ada.rejoin()
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'in_progress' })
  expect(await cycles()).toEqual([['running', 3, false]])
})
