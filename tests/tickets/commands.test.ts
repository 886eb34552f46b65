/** Each command through the API: what the ticket, its history, other people and their notifications show then. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const MINUTE = 60_000

/** A requester's ticket in `support`, with an agent and a supervisor of it, and an agent of another department. */
async function support(world: World) {
  const requester = await world.person('rita', 'requester')
  const agent = await world.person('ada', 'agent')
  const supervisor = await world.person('sue', 'supervisor')
  const stranger = await world.person('zoe', 'agent', ['elsewhere'])
  const { id: ticketId } = await world.ticket({ requesterId: requester.id })
  return { requester, agent, supervisor, stranger, ticketId }
}

async function types(person: Person, ticketId: string): Promise<string[]> {
  return (await person.api.tickets.history.query({ ticketId })).map(({ type }) => type)
}

async function told(person: Person): Promise<string[]> {
  return (await person.api.notifications.list.query()).map(({ type }) => type)
}

it('creates a ticket with everything its author wrote', async () => {
  await using world = await startWorld()
  const { requester, supervisor, stranger } = await support(world)
  const fields = {
    title: 'Projector flickers',
    description: 'Room 12',
    priority: 'high',
    type: 'problem',
    category: 'hardware',
    subcategory: 'projector',
    dueAt: world.clock.now() + MINUTE,
    estimateMinutes: 30,
    site: 'HQ',
    skills: [{ name: 'optics', level: 3 }],
    custom: { floor: 1, vip: true, note: null },
  } as const
  const ticketId = v7()
  const departmentId = await world.department('support')
  const input = { ...fields, skills: [...fields.skills], ticketId, departmentId, requesterId: requester.id }
  const { output } = await supervisor.api.tickets.create.mutate({ ...input, tags: ['B', 'a', 'b'] })
  expect(output).toEqual({ ticketId, number: 'TKT-0002' })
  expect(await supervisor.api.tickets.get.query({ ticketId })).toMatchObject({
    ...fields,
    number: 'TKT-0002',
    status: 'open',
    tags: ['a', 'b'],
    departmentId,
    requesterId: requester.id,
    requesterName: 'rita',
    source: 'agent',
    assigneeId: null,
    createdAt: world.clock.now(),
    reopenCount: 0,
    comments: [],
  })
  expect(await types(requester, ticketId)).toEqual(['ticket-created'])
  expect(await codeOf(stranger.api.tickets.get.query({ ticketId }))).toBe('not-found')
})

it('opens a requester’s ticket in the requester’s own name only', async () => {
  await using world = await startWorld()
  const { requester, agent } = await support(world)
  const other = { ticketId: v7(), title: 'For ada', requesterId: agent.id }
  expect(await codeOf(requester.api.tickets.create.mutate(other))).toBe('forbidden')
  const ticketId = v7()
  await requester.api.tickets.create.mutate({ ticketId, title: 'Mine' })
  const mine = await requester.api.tickets.get.query({ ticketId })
  expect(mine).toMatchObject({ requesterId: requester.id, source: 'web', number: 'TKT-0002' })
  expect(mine.departmentId).toBe(await world.department('support'))
})

it('numbers tickets without a gap, also when some are refused in between', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const taken = (await world.ticket()).id
  const create = (title: string, more = {}) =>
    api.tickets.create.mutate({ ticketId: v7(), title, ...more }).then(
      ({ output }) => output.number,
      () => 'refused',
    )
  const numbers = await Promise.all([
    create('One'),
    create('No such department', { departmentId: v7() }),
    create('Two'),
    create('No such person', { requesterId: v7() }),
    create('', {}),
    create('Taken', { ticketId: taken }),
    create('Three'),
  ])
  expect(numbers.filter((number) => number !== 'refused').toSorted()).toEqual(['TKT-0002', 'TKT-0003', 'TKT-0004'])
  expect((await world.ticket()).number).toBe('TKT-0005')
})

it('edits fields and keeps what they were in the history', async () => {
  await using world = await startWorld()
  const { agent, requester, ticketId } = await support(world)
  await agent.api.tickets.edit.mutate({ ticketId, set: { title: 'Fuser', site: 'Lab', custom: { floor: 2 } } })
  await agent.api.tickets.edit.mutate({
    ticketId,
    set: { custom: { vip: true }, skills: [{ name: 'laser', level: 2 }] },
  })
  expect(await agent.api.tickets.get.query({ ticketId })).toMatchObject({
    title: 'Fuser',
    site: 'Lab',
    custom: { floor: 2, vip: true },
    skills: [{ name: 'laser', level: 2 }],
  })
  const [first, second] = (await agent.api.tickets.history.query({ ticketId })).slice(-2)
  expect(first).toMatchObject({ type: 'ticket-edited', actorId: agent.id, payload: { from: { title: 'Printer' } } })
  expect(second?.payload['from']).toEqual({ 'custom.vip': null, skills: [] })
  expect(await codeOf(agent.api.tickets.edit.mutate({ ticketId, set: {} }))).toBe('invalid')
  expect(await types(requester, ticketId)).toEqual(['ticket-created'])
})

it('shows a public comment to the requester and an internal one to staff only', async () => {
  await using world = await startWorld()
  const { requester, agent, supervisor, ticketId } = await support(world)
  await supervisor.api.tickets.assign.mutate({ ticketId, agentId: agent.id })
  await requester.api.tickets.watch.mutate({ ticketId })
  await supervisor.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Psst', visibility: 'internal' })
  expect(await told(requester)).toEqual([])
  await agent.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'On my way' })

  const bodies = async (person: Person) =>
    (await person.api.tickets.get.query({ ticketId })).comments.map(({ body }) => body)
  expect(await bodies(supervisor)).toEqual(['Psst', 'On my way'])
  expect(await bodies(requester)).toEqual(['On my way'])
  expect(await types(requester, ticketId)).toEqual(['ticket-created', 'ticket-assigned', 'comment-added'])
  expect(await told(requester)).toEqual(['comment-added'])
  expect(await told(agent)).toEqual(['comment-added', 'ticket-assigned'])
})

it('returns a waiting ticket to open when the requester writes, and only then', async () => {
  await using world = await startWorld()
  const { requester, agent, supervisor, ticketId } = await support(world)
  await supervisor.api.tickets.assign.mutate({ ticketId, agentId: agent.id })
  await agent.api.tickets.transition.mutate({ ticketId, to: 'waiting_customer', reason: 'Which room?' })
  const status = async () => (await agent.api.tickets.get.query({ ticketId })).status
  await agent.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Hello?' })
  expect(await status()).toBe('waiting_customer')
  await requester.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Room 12' })
  expect(await agent.api.tickets.get.query({ ticketId })).toMatchObject({ status: 'open', statusReason: null })
  expect((await types(agent, ticketId)).slice(-2)).toEqual(['comment-added', 'ticket-status-changed'])

  await agent.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  await requester.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Thanks' })
  expect(await status()).toBe('in_progress')
})

it('counts the first public answer of staff as the first response', async () => {
  await using world = await startWorld()
  const { requester, agent, supervisor, ticketId } = await support(world)
  const comment = (person: Person, visibility: 'public' | 'internal') =>
    person.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Words', visibility })
  const respondedAt = async () => (await agent.api.tickets.get.query({ ticketId })).firstRespondedAt
  await comment(requester, 'public')
  await comment(agent, 'internal')
  expect(await respondedAt()).toBeNull()
  await world.advance(MINUTE)
  const at = world.clock.now()
  await comment(agent, 'public')
  await world.advance(MINUTE)
  await comment(supervisor, 'public')
  expect(await respondedAt()).toBe(at)
})

it('takes the assignee’s first act for the start, and starts anew with another assignee', async () => {
  await using world = await startWorld()
  const { agent, supervisor, ticketId } = await support(world)
  const startedAt = async () => (await supervisor.api.tickets.get.query({ ticketId })).startedAt
  await supervisor.api.tickets.assign.mutate({ ticketId, agentId: agent.id })
  await supervisor.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Please' })
  expect(await startedAt()).toBeNull()
  await world.advance(MINUTE)
  await agent.api.tickets.logWork.mutate({ ticketId, workId: v7(), minutes: 5 })
  const at = world.clock.now()
  await world.advance(MINUTE)
  await agent.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  expect(await startedAt()).toBe(at)
  await supervisor.api.tickets.assign.mutate({ ticketId, agentId: supervisor.id })
  expect(await startedAt()).toBeNull()
})

it('logs work', async () => {
  await using world = await startWorld()
  const { requester, agent, ticketId } = await support(world)
  const workId = v7()
  await agent.api.tickets.logWork.mutate({ ticketId, workId, minutes: 25, note: 'Fuser' })
  const entry = { id: workId, authorId: agent.id, authorName: 'ada', minutes: 25, note: 'Fuser' }
  expect((await agent.api.tickets.get.query({ ticketId })).work).toMatchObject([entry])
  expect((await requester.api.tickets.get.query({ ticketId })).work).toEqual([])
  expect(await codeOf(agent.api.tickets.logWork.mutate({ ticketId, workId, minutes: 1 }))).toBe('id-taken')
  expect(await codeOf(requester.api.tickets.logWork.mutate({ ticketId, workId: v7(), minutes: 1 }))).toBe('forbidden')
})

it('counts reopenings and forgets when it was resolved', async () => {
  await using world = await startWorld()
  const { requester, agent, ticketId } = await support(world)
  await agent.api.tickets.claim.mutate({ ticketId })
  for (const count of [1, 2]) {
    await agent.api.tickets.resolve.mutate({ ticketId, resolution: 'New fuser' })
    const resolved = await requester.api.tickets.get.query({ ticketId })
    expect(resolved).toMatchObject({ status: 'resolved', resolution: 'New fuser', resolvedAt: world.clock.now() })
    await requester.api.tickets.reopen.mutate({ ticketId, reason: 'Still broken' })
    const reopened = await agent.api.tickets.get.query({ ticketId })
    expect(reopened).toMatchObject({ status: 'in_progress', reopenCount: count, resolvedAt: null })
  }
  expect(await told(requester)).toEqual(['ticket-status-changed', 'ticket-status-changed'])
})

it('closes what the requester confirms and cancels what the requester no longer wants', async () => {
  await using world = await startWorld()
  const { requester, agent, ticketId } = await support(world)
  await agent.api.tickets.claim.mutate({ ticketId })
  await agent.api.tickets.resolve.mutate({ ticketId, resolution: 'New fuser' })
  await requester.api.tickets.close.mutate({ ticketId })
  const closedAt = world.clock.now()
  expect(await agent.api.tickets.get.query({ ticketId })).toMatchObject({ status: 'closed', closedAt })
  const { id } = await world.ticket({ requesterId: requester.id })
  await requester.api.tickets.cancel.mutate({ ticketId: id, reason: 'Found it' })
  const cancelled = await requester.api.tickets.get.query({ ticketId: id })
  expect(cancelled).toMatchObject({ status: 'cancelled', statusReason: 'Found it', closedAt })
})
