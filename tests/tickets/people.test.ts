/** Who is responsible and who follows: claim, assign, unassign, move, watch, tag. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

async function support(world: World) {
  const requester = await world.person('rita', 'requester')
  const ada = await world.person('ada', 'agent')
  const bob = await world.person('bob', 'agent')
  const supervisor = await world.person('sue', 'supervisor')
  const { id: ticketId } = await world.ticket({ requesterId: requester.id })
  const get = () => supervisor.api.tickets.get.query({ ticketId })
  const history = async () => (await supervisor.api.tickets.history.query({ ticketId })).map(({ type }) => type)
  return { requester, ada, bob, supervisor, ticketId, get, history }
}

async function told(person: Person): Promise<string[]> {
  return (await person.api.notifications.list.query()).map(({ type }) => type)
}

it('gives a ticket from the queue to whoever claims it first', async () => {
  await using world = await startWorld()
  const { ada, bob, requester, ticketId, get, history } = await support(world)
  expect(await codeOf(requester.api.tickets.claim.mutate({ ticketId }))).toBe('forbidden')
  const claims = await Promise.all([ada, bob].map(({ api }) => codeOf(api.tickets.claim.mutate({ ticketId }))))
  expect(claims.toSorted()).toEqual(['done', 'not-found'])
  const assignee = claims[0] === 'done' ? ada : bob
  expect(await get()).toMatchObject({ assigneeId: assignee.id, assigneeName: assignee.name, startedAt: null })
  expect(await assignee.api.tickets.claim.mutate({ ticketId })).toMatchObject({ code: 'already-done' })
  expect(await history()).toEqual(['ticket-created', 'ticket-assigned'])
  expect(await told(assignee)).toEqual([])
})

it('tells who sees it that a ticket is somebody else’s already', async () => {
  await using world = await startWorld()
  const { ada, supervisor, ticketId } = await support(world)
  await ada.api.tickets.claim.mutate({ ticketId })
  expect(await codeOf(supervisor.api.tickets.claim.mutate({ ticketId }))).toBe('already-assigned')
})

it('assigns, reassigns and unassigns, telling the new assignee', async () => {
  await using world = await startWorld()
  const { ada, bob, supervisor, ticketId, get, history } = await support(world)
  const assign = (agentId: string) => supervisor.api.tickets.assign.mutate({ ticketId, agentId })
  await assign(ada.id)
  expect(await assign(ada.id)).toMatchObject({ outcome: 'adjusted', code: 'already-done' })
  await assign(bob.id)
  expect(await codeOf(ada.api.tickets.get.query({ ticketId }))).toBe('not-found')
  expect(await told(ada)).toEqual(['ticket-assigned'])
  expect(await told(bob)).toEqual(['ticket-assigned'])
  await bob.api.tickets.unassign.mutate({ ticketId })
  expect(await supervisor.api.tickets.unassign.mutate({ ticketId })).toMatchObject({ code: 'already-done' })
  expect(await get()).toMatchObject({ assigneeId: null, assigneeName: null })
  expect(await history()).toEqual(['ticket-created', 'ticket-assigned', 'ticket-assigned', 'ticket-unassigned'])
})

it.each([
  { whom: 'a requester', code: 'conflict', id: async ({ requester }: Support) => requester.id },
  { whom: 'somebody unknown', code: 'not-found', id: async () => v7() },
])('does not assign a ticket to $whom', async ({ code, id }) => {
  await using world = await startWorld()
  const cast = await support(world)
  const { supervisor, ticketId } = cast
  expect(await codeOf(supervisor.api.tickets.assign.mutate({ ticketId, agentId: await id(cast) }))).toBe(code)
})

type Support = Awaited<ReturnType<typeof support>>

it('does not give anybody a ticket that is done', async () => {
  await using world = await startWorld()
  const { ada, supervisor, ticketId } = await support(world)
  await supervisor.api.tickets.resolve.mutate({ ticketId, resolution: 'Fixed' })
  expect(await codeOf(supervisor.api.tickets.assign.mutate({ ticketId, agentId: ada.id }))).toBe('conflict')
})

it('moves a ticket to another department, out of its assignee’s hands', async () => {
  await using world = await startWorld()
  const { ada, supervisor, ticketId, history } = await support(world)
  const departmentId = await world.department('network')
  const nora = await world.person('nora', 'agent', ['network'])
  await supervisor.api.tickets.assign.mutate({ ticketId, agentId: ada.id })
  expect(await codeOf(ada.api.tickets.move.mutate({ ticketId, departmentId: v7() }))).toBe('not-found')
  await ada.api.tickets.move.mutate({ ticketId, departmentId })
  expect(await nora.api.tickets.get.query({ ticketId })).toMatchObject({ departmentId, assigneeId: null })
  expect((await nora.api.tickets.queue.query()).map(({ id }) => id)).toEqual([ticketId])
  const desk = await world.desk()
  expect(await desk.api.tickets.move.mutate({ ticketId, departmentId })).toMatchObject({ code: 'already-done' })
  const moved = (await desk.api.tickets.history.query({ ticketId })).slice(-2)
  expect(moved.map(({ type }) => type)).toEqual(['ticket-unassigned', 'ticket-moved'])
  for (const person of [ada, supervisor]) {
    expect(await codeOf(person.api.tickets.get.query({ ticketId }))).toBe('not-found')
  }
  await expect(history()).rejects.toThrow('no ticket')
})

it('tells watchers what happens, until they stop watching', async () => {
  await using world = await startWorld()
  const { ada, bob, supervisor, ticketId, get } = await support(world)
  await ada.api.tickets.watch.mutate({ ticketId })
  await supervisor.api.tickets.watch.mutate({ ticketId, userId: bob.id })
  expect((await get()).watchers).toEqual([
    { userId: ada.id, reason: 'chosen' },
    { userId: bob.id, reason: 'added' },
  ])
  expect(await codeOf(ada.api.tickets.watch.mutate({ ticketId, userId: supervisor.id }))).toBe('forbidden')
  await supervisor.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Psst', visibility: 'internal' })
  await supervisor.api.tickets.transition.mutate({ ticketId, to: 'on_hold', reason: 'Stock' })
  const both = ['ticket-status-changed', 'comment-added']
  expect(await Promise.all([ada, bob, supervisor].map(told))).toEqual([both, both, []])

  await ada.api.tickets.unwatch.mutate({ ticketId })
  expect(await ada.api.tickets.unwatch.mutate({ ticketId })).toMatchObject({ code: 'already-done' })
  await supervisor.api.tickets.transition.mutate({ ticketId, to: 'open' })
  expect(await told(ada)).toEqual(both)
  expect(await told(bob)).toEqual(['ticket-status-changed', ...both])
})

it('does not tell a watcher what they may not read', async () => {
  await using world = await startWorld()
  const { supervisor, ticketId } = await support(world)
  const guest = await world.person('gus', 'requester')
  await supervisor.api.tickets.watch.mutate({ ticketId, userId: guest.id })
  await supervisor.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Words' })
  await supervisor.api.tickets.resolve.mutate({ ticketId, resolution: 'Secret' })
  expect(await told(guest)).toEqual([])
})

it('tags and untags', async () => {
  await using world = await startWorld()
  const { ada, requester, ticketId, get, history } = await support(world)
  await ada.api.tickets.tag.mutate({ ticketId, tag: ' VIP ' })
  await ada.api.tickets.tag.mutate({ ticketId, tag: 'fuser' })
  await ada.api.tickets.tag.mutate({ ticketId, tag: 'vip' })
  expect((await get()).tags).toEqual(['fuser', 'vip'])
  await ada.api.tickets.untag.mutate({ ticketId, tag: 'vip' })
  expect(await ada.api.tickets.untag.mutate({ ticketId, tag: 'vip' })).toMatchObject({ code: 'already-done' })
  expect((await get()).tags).toEqual(['fuser'])
  expect(await history()).toEqual(['ticket-created', 'tag-added', 'tag-added', 'tag-added', 'tag-removed'])
  expect(await codeOf(requester.api.tickets.tag.mutate({ ticketId, tag: 'mine' }))).toBe('forbidden')
})

it('marks one’s own notifications read, and nobody else’s', async () => {
  await using world = await startWorld()
  const { ada, bob, supervisor, ticketId } = await support(world)
  await supervisor.api.tickets.assign.mutate({ ticketId, agentId: ada.id })
  const unread = () => ada.api.notifications.list.query({ unread: true })
  const [notification] = await unread()
  expect(notification).toMatchObject({ ticketId, payload: { number: 'TKT-0001', to: ada.id }, readAt: null })
  const notificationIds = [notification?.id ?? '']
  await bob.api.notifications.markRead.mutate({ notificationIds })
  expect(await unread()).toHaveLength(1)
  await ada.api.notifications.markRead.mutate({ notificationIds })
  expect(await unread()).toEqual([])
})
