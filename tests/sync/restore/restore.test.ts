/** The server comes back from an older backup: what it had acknowledged and lost comes back from the devices. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { rowsOnDisk } from '../../harness/database.ts'
import { startWorld, until } from '../../harness/world.ts'
import { HOUR, DAY, setScene, bodiesOf, ticketOf, type } from './scene.ts'

it('brings back everything that was acknowledged and lost, once', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, his, shared } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await ada.tickets.comment({ ticketId: mine.id, body: 'On my way' })
  await ada.tickets.transition({ ticketId: mine.id, to: 'in_progress' })
  await ada.tickets.logWork({ ticketId: mine.id, minutes: 30, note: 'Fuser' })
  await ada.tickets.tag({ ticketId: mine.id, tag: 'fuser' })
  await ada.tickets.edit({ ticketId: mine.id, set: { title: 'Printer, third floor', custom: { colour: 'red' } } })
  await ada.tickets.claim({ ticketId: shared.id })
  await ada.settled()
  await type(ada, mine.id, 'It smells of smoke.')
  await type(ada, mine.id, ' Still.')
  const { ticketId: created } = await ada.tickets.create({ title: 'Second printer', description: 'Also broken' })
  await ada.settled()
  await ada.tickets.comment({ ticketId: created, body: 'Bought later', visibility: 'internal' })
  await ada.tickets.resolve({ ticketId: mine.id, resolution: 'New fuser' })
  await bob.tickets.comment({ ticketId: his.id, body: 'Mine is fine' })
  await world.converge()
  const before = await Promise.all([mine.id, his.id, shared.id, created].map((id) => ticketOf(desk, id)))
  const verdicts = ada.verdicts()

  await world.restore(backup)
  expect((await ticketOf(desk, mine.id)).comments).toEqual([])
  await world.converge()
  const after = await Promise.all([mine.id, his.id, shared.id, created].map((id) => ticketOf(desk, id)))
  const content = (views: typeof before) => views.map(({ clocks: _, ...view }) => view)
  expect(content(after)).toEqual(content(before))
  expect(ada.verdicts()).toEqual(verdicts)
  expect(ada.inbox()).toEqual([])
  expect(bob.inbox()).toEqual([])
  expect(after[0]).toMatchObject({ status: 'resolved', description: 'It smells of smoke. Still.', tags: ['fuser'] })

  await world.converge()
  const receipts = rowsOnDisk(world.dataDir, `select count(*) as count from receipt where deviceId = '${ada.id}'`)
  expect(receipts).toEqual([{ count: verdicts.length }])
})

it('gives a ticket that was created after the backup its id back, and the device its new number', async () => {
  await using world = await startWorld()
  const { desk, ada } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  const { ticketId: created } = await ada.tickets.create({ title: 'Second printer' })
  await ada.settled()
  const { number } = await ticketOf(desk, created)
  await world.restore(backup)
  const other = await world.ticket({ title: 'From the office' })
  expect(other.number).toBe(number)
  await ada.rejoin()
  expect(ada.view(created)).toMatchObject({ title: 'Second printer', number: 'TKT-0005' })
  expect(await ticketOf(desk, created)).toMatchObject({ number: 'TKT-0005', requesterId: ada.person.id })
})

it('judges what waits after what came back, on which it may build', async () => {
  await using world = await startWorld()
  const { desk, ada } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  const { ticketId: created } = await ada.tickets.create({ title: 'Second printer' })
  await ada.tickets.claim({ ticketId: created })
  await ada.settled()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: created, body: 'Without a network' })
  await ada.tickets.transition({ ticketId: created, to: 'in_progress' })
  ada.text(created, 'notes').insert(0, 'Typed without a network')
  await ada.flush()
  await world.restore(backup)
  await ada.rejoin()
  expect(await ticketOf(desk, created)).toMatchObject({
    status: 'in_progress',
    comments: [{ body: 'Without a network' }],
    notes: 'Typed without a network',
  })
  expect(ada.verdicts().every(({ outcome }) => outcome === 'applied')).toBe(true)
})

it('keeps when it happened, however long ago that was', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  // Nobody tries to connect all the time that passes.
  for (const device of [ada, bob]) device.disconnect()
  const saidAt = world.clock.now()
  await ada.tickets.comment({ ticketId: mine.id, body: 'On my way' })
  await world.advance(HOUR)
  const resolvedAt = world.clock.now()
  await ada.tickets.resolve({ ticketId: mine.id, resolution: 'New fuser' })
  await world.advance(2 * HOUR)
  await ada.rejoin()
  ada.disconnect()
  world.clock.advance(10 * DAY)
  await world.restore(backup)
  await ada.rejoin()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ resolvedAt, comments: [{ createdAt: saidAt }] })
  expect(ada.inbox()).toEqual([])
})

it('ends equal when two devices bring back work that was interleaved, whoever comes first', async () => {
  for (const order of [0, 1]) {
    await using world = await startWorld()
    const { desk, ada, bob, shared } = await setScene(world)
    const backup = await world.backup()
    await world.converge()
    for (let round = 0; round < 4; round += 1) {
      const device = round % 2 === 0 ? ada : bob
      await device.tickets.edit({ ticketId: shared.id, set: { title: `Round ${round}` } })
      await device.tickets.comment({ ticketId: shared.id, body: `Round ${round}` })
      await device.tickets.tag({ ticketId: shared.id, tag: `tag-${round}` })
      await type(device, shared.id, `${round}`)
      await world.advance(60_000)
      await world.converge()
    }
    await world.restore(backup)
    for (const device of order === 0 ? [ada, bob] : [bob, ada]) await device.rejoin()
    await world.converge()
    const view = await ticketOf(desk, shared.id)
    expect(view.title).toBe('Round 3')
    expect(bodiesOf(view).toSorted()).toEqual(['Round 0', 'Round 1', 'Round 2', 'Round 3'])
    expect(view.tags).toEqual(['tag-0', 'tag-1', 'tag-2', 'tag-3'])
    expect(ada.replica(shared.id)).toEqual(bob.replica(shared.id))
  }
})

it('leaves lost what the office did, and goes on from there', async () => {
  await using world = await startWorld()
  const { desk, ada, mine, shared } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await desk.api.tickets.comment.mutate({ ticketId: mine.id, commentId: v7(), body: 'From the office' })
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Written in the office' } })
  const given = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  await ada.tickets.comment({ ticketId: mine.id, body: 'Seen' })
  await ada.tickets.comment({ ticketId: given.id, body: 'Seen too' })
  await ada.settled()
  expect(ada.held()).toContain(given.id)

  await world.restore(backup)
  await world.converge()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ description: '', comments: [{ body: 'Seen' }] })
  expect(ada.held().toSorted()).toEqual([mine.id, shared.id].toSorted())
  expect(ada.inbox()).toMatchObject([{ name: 'comment.add', code: 'not-found', input: { body: 'Seen too' } }])
})

it('keeps as plain text what was typed into a text that is lost', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Written in the office.' } })
  await until(ada, () => ada.view(mine.id)?.description !== '')
  await type(ada, mine.id, ' And by Ada.')
  await world.restore(backup)
  await ada.rejoin()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ description: '' })
  expect(ada.replica(mine.id)).toMatchObject({ description: '' })
  expect(ada.inbox()).toMatchObject([
    { name: 'text.write', code: 'missing-dependencies', text: { description: 'Written in the office. And by Ada.' } },
  ])
})

it('gives back what was deleted in a future that is lost', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Keep this' } })
  await ada.rejoin()
  const backup = await world.backup()
  await ada.rejoin()
  const place = rowsOnDisk(world.dataDir, 'select max(seq) as seq from revision')
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { description: 'Keep' } })
  await until(ada, () => ada.view(mine.id)?.description === 'Keep')
  await world.restore(backup)
  expect(rowsOnDisk(world.dataDir, 'select max(seq) as seq from revision')).toEqual(place)
  await ada.rejoin()
  expect(ada.view(mine.id)?.description).toBe('Keep this')
})

it('tells the author where the office has decided otherwise since the restore', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, shared } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await ada.tickets.resolve({ ticketId: mine.id, resolution: 'New fuser' })
  await ada.tickets.claim({ ticketId: shared.id })
  await ada.settled()
  expect(ada.inbox()).toEqual([])

  await world.restore(backup)
  await desk.api.tickets.cancel.mutate({ ticketId: mine.id })
  await desk.api.tickets.assign.mutate({ ticketId: shared.id, agentId: bob.person.id })
  await bob.rejoin()
  await bob.tickets.transition({ ticketId: shared.id, to: 'in_progress' })
  await bob.settled()
  await ada.rejoin()
  expect(ada.inbox()).toMatchObject([
    { name: 'ticket.resolve', outcome: 'adjusted', code: 'closed-meanwhile' },
    { name: 'ticket.claim', outcome: 'refused', code: 'already-assigned', input: { ticketId: shared.id } },
  ])
  expect(await ticketOf(desk, mine.id)).toMatchObject({
    status: 'cancelled',
    comments: [{ body: 'Resolution: New fuser' }],
  })
  expect(await ticketOf(desk, shared.id)).toMatchObject({ assigneeId: bob.person.id, status: 'in_progress' })
})

it('takes for seen only what both have in common, also of what still waits', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await ada.rejoin()
  for (let count = 0; count < 10; count += 1) await ada.tickets.tag({ ticketId: mine.id, tag: `tag-${count}` })
  await ada.settled()
  ada.disconnect()
  await ada.tickets.edit({ ticketId: mine.id, set: { title: 'Ada’s, earlier' } })
  await world.advance(60_000)
  await world.restore(backup)
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { title: 'The office’s, later' } })
  await ada.rejoin()
  expect(await ticketOf(desk, mine.id)).toMatchObject({ title: 'The office’s, later' })
  expect(ada.inbox()).toMatchObject([{ name: 'ticket.edit', outcome: 'adjusted', code: 'newer-value-stands' }])
})

it('asks nothing of a device that was away through all of it', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, his } = await setScene(world)
  ada.disconnect()
  await ada.tickets.comment({ ticketId: mine.id, body: 'In a cellar' })
  const backup = await world.backup()
  await bob.rejoin()
  await bob.tickets.comment({ ticketId: his.id, body: 'Above' })
  await bob.settled()
  await world.restore(backup)
  await ada.rejoin()
  await bob.rejoin()
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['In a cellar'])
  expect(bodiesOf(await ticketOf(desk, his.id))).toEqual(['Above'])
  expect(await desk.api.sync.recoveries.query()).toMatchObject([{ recovered: 1, devices: [{ deviceId: bob.id }] }])
})
