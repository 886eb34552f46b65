/** A restore loses what people at desks decided about parked work; its authors hear where it stands. */
import { expect, it } from 'vitest'
import { startWorld, type World } from '../../harness/world.ts'
import { setScene, ticketOf } from './scene.ts'

/** Ada resolved a ticket that Bob was given meanwhile and has started on. */
async function parkedScene(world: World) {
  const scene = await setScene(world)
  const { desk, ada, bob, mine } = scene
  ada.disconnect()
  await ada.tickets.resolve({ ticketId: mine.id, resolution: 'New fuser' })
  const [command] = ada.pending()
  if (command === undefined) throw new Error('nothing waits')
  await desk.api.tickets.assign.mutate({ ticketId: mine.id, agentId: bob.person.id })
  await bob.api.tickets.transition.mutate({ ticketId: mine.id, to: 'in_progress' })
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'parked', code: 'reassigned' }])
  return { ...scene, commandId: command.id, backup: await world.backup() }
}

it('parks anew what was parked and lost, though nothing else had happened since the backup', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine } = await setScene(world)
  ada.disconnect()
  await ada.tickets.resolve({ ticketId: mine.id, resolution: 'New fuser' })
  const [command] = ada.pending()
  await desk.api.tickets.assign.mutate({ ticketId: mine.id, agentId: bob.person.id })
  await bob.api.tickets.transition.mutate({ ticketId: mine.id, to: 'in_progress' })
  const backup = await world.backup()
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'parked' }])

  await world.restore(backup)
  await ada.rejoin()
  expect(await desk.api.parked.list.query()).toMatchObject([{ id: command?.id }])
})

it('tells the author that what was approved waits again, and when it is approved again', async () => {
  await using world = await startWorld()
  const { desk, ada, mine, commandId, backup } = await parkedScene(world)
  await desk.api.parked.approve.mutate({ commandId })
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'adjusted', code: 'credited-after-reassignment' }])

  await world.restore(backup)
  await ada.rejoin()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ status: 'in_progress' })
  expect(ada.inbox()).toMatchObject([{ id: commandId, outcome: 'parked', code: 'reassigned' }])
  expect(await desk.api.parked.list.query()).toMatchObject([{ id: commandId }])

  await desk.api.parked.approve.mutate({ commandId })
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'adjusted', code: 'credited-after-reassignment' }])
  expect(await ticketOf(desk, mine.id)).toMatchObject({ status: 'resolved', resolution: 'New fuser' })
})

it('tells the author that what was rejected waits again', async () => {
  await using world = await startWorld()
  const { desk, ada, commandId, backup } = await parkedScene(world)
  await desk.api.parked.reject.mutate({ commandId, reason: 'Bob has it.' })
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'refused', code: 'rejected' }])

  await world.restore(backup)
  await ada.rejoin()
  expect(ada.inbox()).toMatchObject([{ id: commandId, outcome: 'parked' }])
})

it('does not bring back what was refused', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, shared } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await desk.api.tickets.assign.mutate({ ticketId: shared.id, agentId: bob.person.id })
  await ada.tickets.claim({ ticketId: shared.id })
  await ada.tickets.comment({ ticketId: mine.id, body: 'Then not' })
  await world.converge()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'refused' }, { outcome: 'applied' }])

  await world.restore(backup)
  await world.converge()
  // The claim would go through now, and nobody wants it any more.
  expect(await ticketOf(desk, shared.id)).toMatchObject({ assigneeId: null })
  expect(ada.verdicts()).toMatchObject([{ outcome: 'refused' }, { outcome: 'applied' }])
  const [report] = await desk.api.sync.recoveries.query()
  expect(report?.devices.find(({ deviceId }) => deviceId === ada.id)).toMatchObject({ offered: 1, recovered: 1 })
})

it('holds to what the server knows when the right backup follows a wrong one', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, shared } = await setScene(world)
  const old = await world.backup()
  await world.converge()
  await ada.tickets.claim({ ticketId: shared.id })
  await ada.settled()
  const right = await world.backup()
  await world.restore(old)
  await desk.api.tickets.assign.mutate({ ticketId: shared.id, agentId: bob.person.id })
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'refused' }])

  await world.restore(right)
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'applied' }])
  expect(ada.view(shared.id)).toMatchObject({ assigneeId: ada.person.id })
})
