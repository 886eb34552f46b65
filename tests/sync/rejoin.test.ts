/** Going away and coming back: what a device carries, gets, gives up, and keeps. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { sqliteStore } from '@rejoin/client-sdk/stores/sqlite.ts'
import { startWorld, until } from '../harness/world.ts'

const MINUTE = 60_000

it('carries an agent’s own tickets, those they watch, and the queues of their departments', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada, bob] = await world.agents('ada', 'bob')
  const mine = await world.ticket({ assignee: ada.person })
  const queued = await world.ticket()
  const watched = await world.ticket({ assignee: bob.person })
  await world.ticket({ departmentId: await world.department('elsewhere') })
  await world.ticket({ assignee: bob.person })
  await desk.api.tickets.watch.mutate({ ticketId: watched.id, userId: ada.person.id })
  await ada.rejoin()
  expect(ada.held().toSorted()).toEqual([mine.id, queued.id, watched.id].toSorted())
})

it('carries a supervisor’s departments, and nothing to a requester’s device', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const given = await world.ticket({ assignee: ada.person })
  const queued = await world.ticket()
  await world.ticket({ departmentId: await world.department('elsewhere') })
  const sue = await world.device(await world.person('sue', 'supervisor'))
  const rita = await world.device(await world.person('rita', 'requester'))
  expect(sue.held().toSorted()).toEqual([given.id, queued.id].toSorted())
  expect(rita.held()).toEqual([])
})

it('pushes what the office does to a device that is connected', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await until(ada, () => ada.held().includes(id))
  await desk.api.tickets.comment.mutate({ ticketId: id, commentId: crypto.randomUUID(), body: 'Hurry' })
  await until(ada, () => ada.view(id)?.comments.length === 1)
  await desk.api.tickets.cancel.mutate({ ticketId: id })
  await until(ada, () => !ada.held().includes(id))
  expect(ada.view(id)).toBeNull()
})

it('shows offline work at once, and the server’s answer after rejoining', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket()
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.claim({ ticketId: id })
  await ada.tickets.transition({ ticketId: id, to: 'in_progress' })
  await ada.tickets.logWork({ ticketId: id, minutes: 30, note: 'Looked at it' })
  const { ticketId: created } = await ada.tickets.create({ title: 'Second printer', description: 'Also broken' })

  expect(ada.view(id)).toMatchObject({ status: 'in_progress', assigneeName: 'ada', work: [{ minutes: 30 }] })
  expect(ada.view(created)).toMatchObject({ number: null, title: 'Second printer' })
  expect(ada.pending().map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'on-device'))
  expect(await desk.api.tickets.get.query({ ticketId: id })).toMatchObject({ status: 'open', work: [] })

  await ada.rejoin()
  expect(ada.pending()).toEqual([])
  expect(ada.view(created)).toMatchObject({ number: 'TKT-0002', description: 'Also broken' })
  expect(await desk.api.tickets.get.query({ ticketId: id })).toMatchObject({
    status: 'in_progress',
    work: [{ minutes: 30 }],
  })
})

it('records when the work was done, not when it arrived', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await world.advance(55 * MINUTE)
  const resolvedAt = world.clock.now()
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await world.advance(4 * 60 * MINUTE)
  await ada.rejoin()
  expect(await desk.api.tickets.get.query({ ticketId: id })).toMatchObject({ status: 'resolved', resolvedAt })
  const history = await desk.api.tickets.history.query({ ticketId: id })
  expect(history.at(-1)).toMatchObject({ effectiveAt: resolvedAt, recordedAt: world.clock.now() })
})

it('survives cuts in the middle of sending: every command takes effect once', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  for (let round = 0; round < 10; round += 1) {
    await ada.tickets.comment({ ticketId: id, body: `Round ${round}` })
    ada.wire.cut()
    ada.wire.mend()
    ada.connect()
  }
  await ada.rejoin()
  const { comments } = await desk.api.tickets.get.query({ ticketId: id })
  expect(comments.map(({ body }) => body)).toEqual(Array.from({ length: 10 }, (_, round) => `Round ${round}`))
})

it('reconnects by itself after the server was restarted, and misses nothing', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await until(ada, () => ada.held().includes(id))
  await world.restart()
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { title: 'After the restart' } })
  while (ada.view(id)?.title !== 'After the restart') {
    await world.advance(MINUTE)
    await ada.settled()
  }
  expect(ada.state).toBe('live')
})

it('keeps work that leaves the device’s scope in the handed-over tray', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: id, body: 'Half done' })
  await desk.api.tickets.assign.mutate({ ticketId: id, agentId: bob.person.id })
  await ada.rejoin()
  expect(ada.held()).toEqual([])
  expect(ada.handedOver()).toEqual([id])
  expect(ada.verdicts()).toMatchObject([{ name: 'comment.add', outcome: 'applied' }])
})

it('opens from its file without a network, with everything it held and everything it has to send', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-device-'))
  try {
    await using world = await startWorld()
    const person = await world.person('ada', 'agent')
    const file = join(folder, 'ada.db')
    const { id } = await world.ticket({ assignee: person })
    const first = await world.device(person, sqliteStore(file))
    first.disconnect()
    await first.tickets.comment({ ticketId: id, body: 'Written in a cellar' })
    first.text(id, 'description').insert(0, 'Typed in a cellar')
    await first.close()
    expect(existsSync(file)).toBe(true)

    const second = await world.device(person, sqliteStore(file))
    expect(second.id).toBe(first.id)
    expect(second.replica(id)).toMatchObject({
      comments: [{ body: 'Written in a cellar' }],
      description: 'Typed in a cellar',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('finds together again with a server whose database has another epoch', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const store = memoryStore()
  const device = await world.device(ada, store)
  const { id } = await world.ticket({ assignee: ada })
  await device.rejoin()
  await world.app.db.writer.updateTable('meta').set({ value: 'another' }).where('key', '=', 'epoch').execute()
  await world.restart()
  await device.rejoin()
  expect(device.held()).toEqual([id])
  expect(device.replica(id)).toMatchObject({ title: 'Printer' })
})

it('shows who else has a ticket open', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket()
  await world.converge()
  ada.viewing([id])
  bob.viewing([id])
  await until(ada, () => ada.presence(id).length === 2)
  expect(
    ada
      .presence(id)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['ada', 'bob'])
  bob.viewing([])
  await until(ada, () => ada.presence(id).length === 1)
})
