import { expect, it } from 'vitest'
import { startWorld } from '../harness/world.ts'

it('keeps the work of an agent whose ticket was reassigned while away', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const supervisor = await world.person('sue', 'supervisor')
  const ticket = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: ticket.id, body: 'Replaced the fuser' })
  await ada.tickets.resolve({ ticketId: ticket.id, resolution: 'New fuser' })
  await supervisor.api.tickets.assign.mutate({ ticketId: ticket.id, agentId: bob.person.id })
  await bob.rejoin()
  await bob.tickets.transition({ ticketId: ticket.id, to: 'in_progress' })
  await bob.settled()
  await ada.rejoin()
  await bob.rejoin()

  expect(bob.view(ticket.id)).toMatchObject({ comments: [{ authorName: 'ada', body: 'Replaced the fuser' }] })
  expect(ada.verdicts()).toMatchObject([
    { name: 'comment.add', outcome: 'applied' },
    { name: 'ticket.resolve', outcome: 'parked', code: 'reassigned' },
  ])
  expect(ada.handedOver()).toEqual([ticket.id])
})

it('credits the work of an agent when the new assignee has not started', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const desk = await world.desk()
  const ticket = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.resolve({ ticketId: ticket.id, resolution: 'New fuser' })
  await desk.api.tickets.assign.mutate({ ticketId: ticket.id, agentId: bob.person.id })
  await ada.rejoin()

  expect(ada.verdicts()).toMatchObject([{ outcome: 'adjusted', code: 'credited-after-reassignment' }])
  const view = await desk.api.tickets.get.query({ ticketId: ticket.id })
  expect(view).toMatchObject({ status: 'resolved', assigneeId: ada.person.id, resolution: 'New fuser' })
})
