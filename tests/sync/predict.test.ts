/**
 * The device's offline view equals the server's decision, as long as nobody interferes. `TEST_SEED` and `TEST_RUNS`
 * explore further.
 */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Priority } from '@rejoin/shared/priority.ts'
import { categoryOf, Status } from '@rejoin/shared/statuses.ts'
import type { TicketView } from '@rejoin/shared/tickets/ticket.ts'
import { startWorld, type Field } from '../harness/world.ts'

type Act = (device: Field, ticketId: string) => Promise<unknown>

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((value) => value.trim() !== '')
const tag = fc.constantFrom('vip', 'lab', 'urgent', 'old')

/** Attempts of an agent on a ticket of theirs, sensible or not. */
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom<Act>(
    (device, id) => device.tickets.claim({ ticketId: id }),
    (device, id) => device.tickets.unassign({ ticketId: id }),
    (device, id) => device.tickets.watch({ ticketId: id }),
    (device, id) => device.tickets.unwatch({ ticketId: id }),
    (device, id) => device.tickets.reopen({ ticketId: id, reason: 'Not yet' }),
    (device, id) => device.tickets.close({ ticketId: id }),
    (device, id) => device.tickets.cancel({ ticketId: id }),
  ),
  text.map(
    (body): Act =>
      (device, id) =>
        device.tickets.comment({ ticketId: id, body }),
  ),
  text.map(
    (body): Act =>
      (device, id) =>
        device.tickets.comment({ ticketId: id, body, visibility: 'internal' }),
  ),
  text.map(
    (resolution): Act =>
      (device, id) =>
        device.tickets.resolve({ ticketId: id, resolution }),
  ),
  fc.constantFrom(...Status.options).map(
    (to): Act =>
      (device, id) =>
        device.tickets.transition({ ticketId: id, to, reason: 'Because' }),
  ),
  fc.integer({ min: 1, max: 600 }).map(
    (minutes): Act =>
      (device, id) =>
        device.tickets.logWork({ ticketId: id, minutes }),
  ),
  fc.constantFrom(...Priority.options).map(
    (priority): Act =>
      (device, id) =>
        device.tickets.edit({ ticketId: id, set: { priority } }),
  ),
  fc.record({ title: text, site: text }, { requiredKeys: ['title'] }).map(
    (set): Act =>
      (device, id) =>
        device.tickets.edit({ ticketId: id, set }),
  ),
  text.map(
    (colour): Act =>
      (device, id) =>
        device.tickets.edit({ ticketId: id, set: { custom: { colour } } }),
  ),
  tag.map(
    (value): Act =>
      (device, id) =>
        device.tickets.tag({ ticketId: id, tag: value }),
  ),
  tag.map(
    (value): Act =>
      (device, id) =>
        device.tickets.untag({ ticketId: id, tag: value }),
  ),
  text.map((value): Act => async (device, id) => {
    // Typing goes into the document itself and not into an overlay: an app offers no editor where it would be refused.
    if (!isClosed(device, id)) device.text(id, 'description').insert(0, value)
  }),
)

function isClosed(device: Field, ticketId: string): boolean {
  const view = device.view(ticketId)
  return view !== null && categoryOf(view.status) === 'closed'
}

/** The server alone knows the number, the clocks, and when a reply was delivered. */
function comparable(view: Omit<TicketView, 'clocks'> | null) {
  if (view === null) return null
  const { number, firstRespondedAt, ...rest } = view
  return { ...rest, clocks: [] }
}

it('predicts exactly what the server makes of an agent’s offline work', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), fc.boolean(), async (acts, isAssigned) => {
      const { id } = await world.ticket({ title: 'Printer', ...(isAssigned && { assignee: ada.person }) })
      await ada.rejoin()
      ada.disconnect()
      for (const each of acts) {
        world.clock.advance(1000)
        await each(ada, id)
      }
      await ada.flush()
      const predicted = comparable(ada.view(id))
      await ada.rejoin()
      const { older: _, ...ticket } = await desk.api.tickets.get.query({ ticketId: id })
      expect(comparable(ticket)).toEqual(predicted)
    }),
    { seed: Number(process.env['TEST_SEED'] ?? 1), numRuns: Number(process.env['TEST_RUNS'] ?? 60) },
  )
})
