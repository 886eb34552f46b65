/** The requester writes on a ticket while the agent who resolves it has no network. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { startWorld, type Field, type Person, type World } from '../harness/world.ts'

const MINUTE = 60_000

/** Ada has a ticket of Rob's on her device and no network. */
async function apart(world: World, rob: Person) {
  const [ada] = await world.agents('ada')
  const desk = await world.desk()
  const { id } = await world.ticket({ requesterId: rob.id, assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  return { ada, desk, id, get: () => desk.api.tickets.get.query({ ticketId: id }) }
}

async function write({ api }: Person, ticketId: string, body: string): Promise<void> {
  await api.tickets.comment.mutate({ ticketId, commentId: v7(), body, visibility: 'public' })
}

function lastVerdict(device: Field) {
  return device.verdicts().at(-1)
}

it('reopens what was resolved before the requester wrote once more, at the time of the message', async () => {
  await using world = await startWorld()
  const rob = await world.person('rob', 'requester')
  const { ada, desk, id, get } = await apart(world, rob)
  const resolvedAt = world.clock.now()
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await world.advance(MINUTE)
  await write(rob, id, 'It smokes again.')
  const wroteAt = world.clock.now()
  await world.advance(MINUTE)
  await write(rob, id, 'Hello?')
  await world.advance(MINUTE)
  await ada.rejoin()
  expect(lastVerdict(ada)).toMatchObject({ name: 'ticket.resolve', outcome: 'adjusted', code: 'reopened-meanwhile' })
  expect(await get()).toMatchObject({
    status: 'in_progress',
    resolution: 'New fuser',
    resolvedAt: null,
    reopenCount: 1,
  })
  expect(ada.view(id)).toMatchObject({ status: 'in_progress' })
  const moves = (await desk.api.tickets.history.query({ ticketId: id })).slice(-2)
  expect(moves).toMatchObject([
    { actorId: ada.person.id, effectiveAt: resolvedAt, payload: { to: 'resolved' } },
    { actorId: rob.id, effectiveAt: wroteAt, payload: { from: 'resolved', to: 'in_progress' } },
  ])
  const { clocks } = await desk.api.sla.check.query({ ticketId: id })
  const resolution = clocks.find(({ metric }) => metric === 'resolution')
  expect(resolution).toMatchObject({ state: 'running', stopAt: null, elapsedMs: 2 * MINUTE })
})

it('lets a resolve stand that was made after the last message of the requester', async () => {
  await using world = await startWorld()
  const rob = await world.person('rob', 'requester')
  const { ada, id, get } = await apart(world, rob)
  await write(rob, id, 'It smokes.')
  await world.advance(MINUTE)
  const resolvedAt = world.clock.now()
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await world.advance(MINUTE)
  await ada.rejoin()
  expect(lastVerdict(ada)).toMatchObject({ name: 'ticket.resolve', outcome: 'applied' })
  expect(await get()).toMatchObject({ status: 'resolved', resolvedAt, reopenCount: 0 })
})

it('leaves what is open again with whoever was given it meanwhile', async () => {
  await using world = await startWorld()
  const rob = await world.person('rob', 'requester')
  const { ada, desk, id, get } = await apart(world, rob)
  const bob = await world.person('bob', 'agent')
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await world.advance(MINUTE)
  await write(rob, id, 'It smokes again.')
  await desk.api.tickets.assign.mutate({ ticketId: id, agentId: bob.id })
  await world.advance(MINUTE)
  await ada.rejoin()
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'adjusted', code: 'reopened-meanwhile' })
  expect(await get()).toMatchObject({ status: 'in_progress', assigneeId: bob.id, reopenCount: 1 })
})
