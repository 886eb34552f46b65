/** The clocks of a ticket: when they start, pause, stop and go on, and what they say of the deadline. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import type { Metric } from '@rejoin/shared/sla/metric.ts'
import { startWorld, type World } from '../harness/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function clocked(world: World, fields: Parameters<World['ticket']>[0] = {}) {
  const { api } = await world.desk()
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket(fields)
  const clock = async (metric: Metric) => {
    const { clocks } = await api.tickets.get.query({ ticketId })
    return clocks.find((each) => each.metric === metric)
  }
  const wait = (reason = 'Parts') => api.tickets.transition.mutate({ ticketId, to: 'on_hold', reason })
  const resume = () => api.tickets.transition.mutate({ ticketId, to: 'open' })
  const resolve = () => api.tickets.resolve.mutate({ ticketId, resolution: 'Done' })
  const reopen = () => api.tickets.reopen.mutate({ ticketId })
  const answer = (visibility: 'public' | 'internal') =>
    api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Words', visibility })
  return { api, ticketId, startedAt, clock, wait, resume, resolve, reopen, answer }
}

it.each([
  { priority: 'urgent', response: 30, resolution: 240 },
  { priority: 'high', response: 60, resolution: 480 },
  { priority: 'medium', response: 240, resolution: 1440 },
  { priority: 'low', response: 480, resolution: 2880 },
] as const)('gives a ticket of $priority priority its targets', async ({ priority, response, resolution }) => {
  await using world = await startWorld()
  const { startedAt, clock } = await clocked(world, { priority })
  const running = { state: 'running', stoppedAt: null, breachedAt: null }
  expect(await clock('first_response')).toMatchObject({ ...running, dueAt: startedAt + response * MINUTE })
  expect(await clock('resolution')).toMatchObject({ ...running, dueAt: startedAt + resolution * MINUTE })
})

it('pauses the resolution while waiting, and moves its deadline by as much', async () => {
  await using world = await startWorld()
  const { startedAt, clock, wait, resume } = await clocked(world, { priority: 'urgent' })
  const responseDue = startedAt + 30 * MINUTE
  await world.advance(HOUR)
  await wait()
  expect(await clock('resolution')).toMatchObject({ state: 'paused', dueAt: null })
  expect(await clock('first_response')).toMatchObject({ state: 'running', dueAt: responseDue })
  await world.advance(10 * HOUR)
  expect(await clock('resolution')).toMatchObject({ state: 'paused', breachedAt: null })
  await resume()
  expect(await clock('resolution')).toMatchObject({ state: 'running', dueAt: startedAt + 14 * HOUR })
})

it('starts the clocks of a ticket made offline when it was made', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  ada.disconnect()
  const { ticketId } = await ada.tickets.create({ title: 'Seen on site', priority: 'urgent' })
  const startedAt = world.clock.now()
  await world.advance(HOUR)
  await ada.rejoin()
  await world.advance(MINUTE)
  await ada.settled()
  const { api } = await world.desk()
  expect((await api.tickets.get.query({ ticketId })).clocks).toMatchObject([
    { metric: 'first_response', dueAt: startedAt + 30 * MINUTE, breachedAt: startedAt + 30 * MINUTE },
    { metric: 'resolution', dueAt: startedAt + 4 * HOUR, breachedAt: null },
  ])
})

it('is met by a stop exactly at the deadline', async () => {
  await using world = await startWorld()
  const { startedAt, clock, resolve } = await clocked(world, { priority: 'urgent' })
  await world.advance(4 * HOUR)
  expect(await clock('resolution')).toMatchObject({ breachedAt: null })
  await resolve()
  await world.advance(HOUR)
  const stoppedAt = startedAt + 4 * HOUR
  expect(await clock('resolution')).toMatchObject({ state: 'stopped', dueAt: stoppedAt, stoppedAt, breachedAt: null })
})

it('is not breached at the deadline but after it, though the sweep ran on both', async () => {
  await using world = await startWorld()
  const { startedAt, clock } = await clocked(world, { priority: 'urgent' })
  const dueAt = startedAt + 30 * MINUTE
  await world.advance(30 * MINUTE)
  expect(await clock('first_response')).toMatchObject({ state: 'running', breachedAt: null })
  await world.advance(30_000)
  expect(await clock('first_response')).toMatchObject({ state: 'running', breachedAt: dueAt })
})

it.each(['stopped', 'paused'] as const)(
  'is breached at the deadline though it is %s before anybody looks',
  async (state) => {
    await using world = await startWorld()
    const { startedAt, clock, resolve, wait, api, ticketId } = await clocked(world, { priority: 'urgent' })
    world.clock.advance(4 * HOUR + 1)
    await (state === 'stopped' ? resolve() : wait())
    const dueAt = startedAt + 4 * HOUR
    expect(await clock('resolution')).toMatchObject({ state, dueAt, breachedAt: dueAt })
    await world.advance(HOUR)
    const history = await api.tickets.history.query({ ticketId })
    const breaches = history.filter(
      ({ type, payload }) => type === 'sla-breached' && payload['metric'] === 'resolution',
    )
    expect(breaches).toMatchObject([{ effectiveAt: dueAt, actorId: 'system' }])
  },
)

it('goes on where it stopped when the ticket is reopened', async () => {
  await using world = await startWorld()
  const { clock, resolve, reopen } = await clocked(world, { priority: 'urgent' })
  await world.advance(HOUR)
  await resolve()
  const stopped = await clock('first_response')
  await world.advance(20 * HOUR)
  await reopen()
  expect(await clock('resolution')).toMatchObject({
    state: 'running',
    stoppedAt: null,
    breachedAt: null,
    dueAt: world.clock.now() + 3 * HOUR,
  })
  expect(stopped).toMatchObject({ state: 'stopped', breachedAt: stopped?.dueAt })
  expect(await clock('first_response')).toEqual(stopped)
})

it('keeps the deadline and the breach of a ticket that is reopened too late', async () => {
  await using world = await startWorld()
  const { startedAt, clock, resolve, reopen } = await clocked(world, { priority: 'urgent' })
  const dueAt = startedAt + 4 * HOUR
  await world.advance(5 * HOUR)
  await resolve()
  await world.advance(HOUR)
  await reopen()
  expect(await clock('resolution')).toMatchObject({ state: 'running', dueAt, breachedAt: dueAt })
  await resolve()
  expect(await clock('resolution')).toMatchObject({ state: 'stopped', dueAt, breachedAt: dueAt })
})

it('breaches a ticket without time left at its reopening, not the day before', async () => {
  await using world = await startWorld()
  const { startedAt, clock, resolve, reopen } = await clocked(world, { priority: 'urgent' })
  await world.advance(4 * HOUR)
  await resolve()
  await world.advance(24 * HOUR)
  await reopen()
  const reopenedAt = world.clock.now()
  await world.advance(MINUTE)
  expect(await clock('resolution')).toMatchObject({ dueAt: startedAt + 4 * HOUR, breachedAt: reopenedAt })
})

it('counts a new target from the start, without the pauses', async () => {
  await using world = await startWorld()
  const { api, ticketId, startedAt, clock, wait, resume } = await clocked(world, { priority: 'low' })
  await world.advance(HOUR)
  await wait()
  await world.advance(2 * HOUR)
  await api.tickets.edit.mutate({ ticketId, set: { priority: 'high' } })
  expect(await clock('resolution')).toMatchObject({ state: 'paused', dueAt: null })
  await resume()
  await world.advance(HOUR)
  expect(await clock('resolution')).toMatchObject({ dueAt: startedAt + 10 * HOUR })
  await api.tickets.edit.mutate({ ticketId, set: { priority: 'urgent' } })
  expect(await clock('resolution')).toMatchObject({ dueAt: startedAt + 6 * HOUR })
})

it('breaches at the change when the new target is used up already', async () => {
  await using world = await startWorld()
  const { api, ticketId, startedAt, clock } = await clocked(world, { priority: 'low' })
  await world.advance(6 * HOUR)
  await api.tickets.edit.mutate({ ticketId, set: { priority: 'urgent' } })
  const changedAt = world.clock.now()
  await world.advance(MINUTE)
  expect(await clock('resolution')).toMatchObject({ dueAt: startedAt + 4 * HOUR, breachedAt: changedAt })
})

it('keeps a breach when the target becomes longer, and does not take it back at the end', async () => {
  await using world = await startWorld()
  const { api, ticketId, startedAt, clock, resolve } = await clocked(world, { priority: 'urgent' })
  await world.advance(5 * HOUR)
  await api.tickets.edit.mutate({ ticketId, set: { priority: 'low' } })
  const breachedAt = startedAt + 4 * HOUR
  expect(await clock('resolution')).toMatchObject({ dueAt: startedAt + 48 * HOUR, breachedAt })
  await resolve()
  expect(await clock('resolution')).toMatchObject({ state: 'stopped', breachedAt })
})

it('is answered by the first public comment of staff, when it is delivered', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const rita = await world.person('rita', 'requester')
  const options = { priority: 'urgent', requesterId: rita.id, assignee: ada.person } as const
  const { ticketId, clock, answer, startedAt } = await clocked(world, options)
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.comment({ ticketId, body: 'I am coming' })
  await answer('internal')
  await rita.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Hello?' })
  await world.advance(40 * MINUTE)
  expect(await clock('first_response')).toMatchObject({ state: 'running' })
  await ada.rejoin()
  expect(await clock('first_response')).toMatchObject({
    state: 'stopped',
    stoppedAt: world.clock.now(),
    breachedAt: startedAt + 30 * MINUTE,
  })
  const stopped = await clock('first_response')
  await world.advance(MINUTE)
  await answer('public')
  expect(await clock('first_response')).toEqual(stopped)
})

it('needs no answer any more when it is resolved', async () => {
  await using world = await startWorld()
  const { clock, resolve } = await clocked(world, { priority: 'urgent' })
  await world.advance(10 * MINUTE)
  await resolve()
  const stoppedAt = world.clock.now()
  expect(await clock('first_response')).toMatchObject({ state: 'stopped', stoppedAt, breachedAt: null })
})
