/** Found by the fault suite (seed 11): a decision that comes in the same exchange as what waited for it. */
import { expect, it } from 'vitest'
import { startWorld } from '../../harness/world.ts'

it('tells the device what became of work that waited for what it took back in the same exchange', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const ticket = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  const { commandId: reopened } = await ada.tickets.reopen({ ticketId: ticket.id, reason: 'It is broken again.' })
  await ada.settled()
  ada.disconnect()
  const { commandId: moved } = await ada.tickets.transition({
    ticketId: ticket.id,
    to: 'on_hold',
    reason: 'Waits for a part.',
  })
  await ada.dismiss(reopened)
  await ada.rejoin()

  const verdict = ada.verdicts().find(({ id }) => id === moved)
  expect(verdict).toMatchObject({ outcome: 'refused', code: 'withdrawn' })
})
