/** The history of a ticket: everything in the order it was recorded, with when it happened; a part of it for requesters. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const HOUR = 3_600_000

it('tells of late work in the order it arrived, with the time it was done', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.transition({ ticketId, to: 'in_progress' })
  const startedAt = world.clock.now()
  await world.advance(HOUR)
  await desk.api.tickets.tag.mutate({ ticketId, tag: 'vip' })
  const taggedAt = world.clock.now()
  await world.advance(HOUR)
  await ada.rejoin()

  const events = await desk.api.tickets.history.query({ ticketId })
  expect(events.slice(2)).toMatchObject([
    { type: 'tag-added', actorId: desk.id, deviceId: null, effectiveAt: taggedAt, recordedAt: taggedAt },
    {
      type: 'ticket-status-changed',
      actorId: ada.person.id,
      deviceId: ada.id,
      effectiveAt: startedAt,
      recordedAt: world.clock.now(),
      payload: { from: 'open', to: 'in_progress' },
    },
  ])
  expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b))
})

it('shows a requester what concerns them and nothing internal', async () => {
  await using world = await startWorld()
  const rita = await world.person('rita', 'requester')
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ requesterId: rita.id })
  await ada.api.tickets.claim.mutate({ ticketId })
  await ada.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Psst', visibility: 'internal' })
  await ada.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Hello' })
  await ada.api.tickets.edit.mutate({ ticketId, set: { priority: 'urgent' } })
  await ada.api.tickets.logWork.mutate({ ticketId, workId: v7(), minutes: 5 })
  await ada.api.tickets.tag.mutate({ ticketId, tag: 'rude' })
  await world.advance(5 * HOUR)
  await ada.api.tickets.resolve.mutate({ ticketId, resolution: 'Fixed' })
  const types = async (person: typeof rita) =>
    (await person.api.tickets.history.query({ ticketId })).map(({ type }) => type)
  expect(await types(rita)).toEqual(['ticket-created', 'ticket-assigned', 'comment-added', 'ticket-status-changed'])
  expect(await types(ada)).toEqual([
    'ticket-created',
    'ticket-assigned',
    'comment-added',
    'comment-added',
    'ticket-edited',
    'work-logged',
    'tag-added',
    'sla-breached',
    'ticket-status-changed',
  ])
})

it('is not for those who may not see the ticket', async () => {
  await using world = await startWorld()
  const rita = await world.person('rita', 'requester')
  const zoe = await world.person('zoe', 'agent', ['elsewhere'])
  const { id: ticketId } = await world.ticket()
  for (const { api } of [rita, zoe]) expect(await codeOf(api.tickets.history.query({ ticketId }))).toBe('not-found')
  expect(await codeOf(rita.api.tickets.history.query({ ticketId: v7() }))).toBe('not-found')
})
