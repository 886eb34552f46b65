/** Whole-text edits of the description: only the difference is written, so that what others type at once survives. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { startWorld } from '../harness/world.ts'

it('keeps what somebody typed offline while the desk replaced the whole description', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket({ description: 'The printer jams.', assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  ada.text(ticketId, 'description').insert('The printer'.length, ' in room 12')
  await ada.flush()
  await desk.api.tickets.edit.mutate({ ticketId, set: { description: 'The printer jams often. Urgent!' } })
  await ada.rejoin()
  const description = 'The printer in room 12 jams often. Urgent!'
  expect(await desk.api.tickets.get.query({ ticketId })).toMatchObject({ description })
  expect(ada.view(ticketId)).toMatchObject({ description })
})

it('writes nothing when the text is what it was', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket({ description: 'Same' })
  await api.tickets.edit.mutate({ ticketId, set: { description: 'Same' } })
  expect(await api.tickets.history.query({ ticketId })).toHaveLength(1)
  await api.tickets.edit.mutate({ ticketId, set: { description: '' } })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ description: '' })
  const [, written] = await api.tickets.history.query({ ticketId })
  expect(written).toMatchObject({ type: 'text-written', payload: { texts: ['description'] } })
})

it.each([
  { title: 'the second half of a pair', from: 'a\u{1F600}b', to: 'a\u{1F601}b' },
  { title: 'the first half of a pair', from: 'a\u{1F600}b', to: 'a\u{1FA00}b' },
  { title: 'a pair beside its like', from: '\u{1F600}', to: '\u{1F600}\u{1F600}' },
  { title: 'a pair that goes', from: '\u{1F600}\u{1F601}', to: '\u{1F601}' },
])('does not take a surrogate pair apart: $title', async ({ from, to }) => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket({ description: from, assignee: ada.person })
  await api.tickets.edit.mutate({ ticketId, set: { description: to } })
  await ada.rejoin()
  expect(ada.view(ticketId)?.description).toBe(to)
})

it('makes the text what was asked for, whatever it was', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket()
  const smiley = fc.constantFrom('\u{1F600}', '\u{1F601}', '\u{1FA00}', 'a', 'b')
  const text = fc.oneof(fc.string({ unit: smiley, maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 12 }))
  await fc.assert(
    fc.asyncProperty(text, async (description) => {
      await api.tickets.edit.mutate({ ticketId, set: { description } })
      expect((await api.tickets.get.query({ ticketId })).description).toBe(description)
    }),
    { numRuns: 150 },
  )
})

it('takes a new text although the priority sent with it is refused', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket({ priority: 'medium', assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.edit({ ticketId, set: { description: 'It smokes', priority: 'low' } })
  await desk.api.tickets.edit.mutate({ ticketId, set: { priority: 'urgent' } })
  await ada.rejoin()
  const ticket = await desk.api.tickets.get.query({ ticketId })
  expect(ticket).toMatchObject({ description: 'It smokes', priority: 'urgent' })
  expect(ada.verdicts()).toMatchObject([{ outcome: 'adjusted', code: 'higher-priority-stands' }])
})
