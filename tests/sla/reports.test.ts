/** Figures over a range of time, with the rules by which they are counted. */
import { expect, it } from 'vitest'
import { startWorld } from '../harness/world.ts'

const HOUR = 3_600_000

it('shows for each agent which part of its time their work waited', async () => {
  await using world = await startWorld()
  const from = world.clock.now()
  const ada = await world.person('ada', 'agent')
  const bob = await world.person('bob', 'agent')
  const sue = await world.person('sue', 'supervisor')
  const [waits, goes] = [await world.ticket({ assignee: ada }), await world.ticket({ assignee: bob })]
  const { tickets } = ada.api
  await world.advance(HOUR)
  await tickets.transition.mutate({ ticketId: waits.id, to: 'on_hold', reason: 'Parts' })
  await world.advance(2 * HOUR)
  await tickets.transition.mutate({ ticketId: waits.id, to: 'in_progress' })
  await world.advance(HOUR)
  await tickets.resolve.mutate({ ticketId: waits.id, resolution: 'New fuser' })
  await bob.api.tickets.resolve.mutate({ ticketId: goes.id, resolution: 'Was off' })
  await world.advance(HOUR)
  await tickets.reopen.mutate({ ticketId: waits.id })
  await world.advance(4 * HOUR)
  await tickets.resolve.mutate({ ticketId: waits.id, resolution: 'New fuser, the right one' })

  const range = { from, until: world.clock.now() + 1, metric: 'resolution', by: 'agent' } as const
  const { groups, rules } = await sue.api.sla.metrics.query(range)
  // Two of nine hours; what it was resolved for in between is no waiting.
  const expected = [
    { key: ada.id, met: 1, paused: 2 / 9 },
    { key: bob.id, met: 1, paused: 0 },
  ]
  expect(groups).toMatchObject(expected.toSorted((a, b) => (a.key < b.key ? -1 : 1)))
  expect(rules.join(' ')).toContain('Paused: the share')
})
