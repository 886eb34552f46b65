/** What a device says of its past is bounded by what the server knows of it, and honest work loses nothing by that. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { MAX_BACKDATE_MS } from '@rejoin/shared/sync/time.ts'
import { encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import type { Batch } from '@rejoin/shared/sync/wire.ts'
import { headSeq, positionAt } from '../../doors/database.ts'
import { CLOCK, exchangeWith, post } from '../../doors/exchange.ts'
import { startWorld, until, type Person, type World } from '../../harness/world.ts'

const HOUR = 3_600_000

/** One frame of a device that says what it likes. */
async function say(world: World, person: Person, frame: object): Promise<Batch> {
  const clock = { wall: world.clock.now(), mono: 1000, boot: 'now' }
  const body = { ...exchangeWith([]), clock, ...frame } as ReturnType<typeof exchangeWith>
  return (await (await post(world.url, person.token, encodeFrame(body, 'json'))).json()) as Batch
}

function comment(ticketId: string, more: object = {}) {
  const input = { ticketId, commentId: v7(), body: 'Done' }
  return { id: v7(), name: 'comment.add', input, at: CLOCK, seen: 0, ...more }
}

async function receiptOf(world: World, id: string) {
  const row = world.app.read.selectFrom('receipt').selectAll().where('id', '=', id)
  return row.executeTakeFirstOrThrow()
}

/** Ada has a ticket, loses it to Zoe of another department, and both know of it. */
async function lostTicket(world: World) {
  const { api } = await world.desk()
  const depot = await world.department('depot')
  const ada = await world.person('ada', 'agent')
  const zoe = await world.person('zoe', 'agent', ['depot'])
  const { id } = await world.ticket({ assignee: ada })
  const before = await headSeq(world.app)
  const device = v7()
  const stand = { device, ...(await positionAt(world.app, before)) }
  await say(world, ada, stand)
  await api.tickets.move.mutate({ ticketId: id, departmentId: depot })
  await api.tickets.assign.mutate({ ticketId: id, agentId: zoe.id })
  return { ada, id, before, stand }
}

it('counts no work from before its ticket was there', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  await world.advance(100 * HOUR)
  const { id } = await world.ticket({ assignee: ada })
  const { createdAt } = await (await world.desk()).api.tickets.get.query({ ticketId: id })
  const command = comment(id, { at: { wall: world.clock.now() - 70 * HOUR, mono: 0, boot: 'before' } })
  const device = { device: v7(), ...(await positionAt(world.app, 1)) }
  expect(await say(world, ada, { ...device, commands: [command] })).toMatchObject({
    verdicts: [{ outcome: 'applied' }],
  })
  expect(await receiptOf(world, command.id)).toMatchObject({ effectiveAt: createdAt, clockSuspect: 1 })
})

it('lets a device that never came since do what its person could do then', async () => {
  await using world = await startWorld()
  const { ada, id, before, stand } = await lostTicket(world)
  const batch = await say(world, ada, { ...stand, commands: [comment(id, { seen: before })] })
  expect(batch).toMatchObject({ verdicts: [{ outcome: 'applied' }] })
})

it.each([
  [
    'one that has been told of the loss',
    async (world: World, stand: object) => {
      const told = { ...stand, ...(await positionAt(world.app, await headSeq(world.app))) }
      return [told, told]
    },
  ],
  ['a new one that stood nowhere', async () => [{ device: v7() }]],
])('does not believe that %s has seen nothing since', async (_, stands) => {
  await using world = await startWorld()
  const { ada, id, before, stand } = await lostTicket(world)
  for (const frame of await stands(world, stand)) {
    await say(world, ada, frame)
    const batch = await say(world, ada, { ...frame, commands: [comment(id, { seen: before })] })
    expect(batch).toMatchObject({ verdicts: [{ outcome: 'refused', code: 'not-found' }] })
  }
})

it.each([
  ['another database', () => ({ epoch: 'another', cursor: 5, tag: 'abc' })],
  ['a future that is lost', ({ app }: World) => ({ epoch: app.epoch, cursor: 900_000, tag: 'abc' })],
])('lets a person decide about what a new device says it saw of %s, and cannot show', async (_, standOf) => {
  await using world = await startWorld()
  const { ada, id, before } = await lostTicket(world)
  const stand = { device: v7(), ...standOf(world), held: [] }
  await say(world, ada, stand)
  const command = comment(id, { seen: before })
  expect(await say(world, ada, { ...stand, commands: [command] })).toMatchObject({
    verdicts: [{ outcome: 'parked', code: 'rights-changed' }],
  })
  const { api } = await world.desk()
  await api.parked.approve.mutate({ commandId: command.id })
  expect((await api.tickets.get.query({ ticketId: id })).comments).toMatchObject([{ body: 'Done' }])
})

it.each([
  [
    'says that older work waits, and brings none',
    async (world: World) => {
      await world.advance(73 * HOUR)
      return { waitingSeen: 1 }
    },
  ],
  ['asks for all it holds in each frame', async () => ({ held: [] })],
  [
    'has no socket, and comes when the server was started anew',
    async (world: World) => {
      await world.restart()
      return {}
    },
  ],
])('does not believe one that has been told of the loss, and %s', async (_, prepare) => {
  await using world = await startWorld()
  const { ada, id, before, stand } = await lostTicket(world)
  const told = { ...stand, ...(await positionAt(world.app, await headSeq(world.app))) }
  const more = await prepare(world)
  await say(world, ada, { ...told, ...more })
  await world.restart()
  const batch = await say(world, ada, { ...told, ...more, commands: [comment(id, { seen: before })] })
  expect(batch).toMatchObject({ verdicts: [{ outcome: 'refused', code: 'not-found' }] })
})

it('believes nobody to have seen what is still to come', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const command = comment(id, { seen: 1_000_000 })
  const head = await headSeq(world.app)
  await say(world, ada, { commands: [command] })
  expect(await receiptOf(world, command.id)).toMatchObject({ seen: head })
})

it('keeps the past of work that waits, however many exchanges it takes and however often the line breaks', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const depot = await world.department('depot')
  const [ada] = await world.agents('ada')
  const zoe = await world.person('zoe', 'agent', ['depot'])
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  for (let count = 0; count < 1200; count += 1) await ada.tickets.logWork({ ticketId: id, minutes: 1 })
  await api.tickets.move.mutate({ ticketId: id, departmentId: depot })
  await api.tickets.assign.mutate({ ticketId: id, agentId: zoe.id })
  for (const left of [1000, 500, 0]) {
    ada.connect()
    await until(ada, () => ada.pending().length <= left || ada.state === 'waiting')
    ada.wire.snap()
    ada.disconnect()
  }
  await ada.rejoin()
  expect(ada.verdicts()).toHaveLength(1200)
  expect(ada.verdicts().filter(({ outcome }) => outcome !== 'applied')).toEqual([])
})

it('believes the time of an offer only where the server has lost something, and no earlier than it can have been', async () => {
  await using world = await startWorld({ settings: { horizonDays: 10 } })
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const backup = await world.backup()
  const here = { device: v7(), ...(await positionAt(world.app, await headSeq(world.app))) }
  await world.advance(600 * HOUR)
  const offer = (effectiveAt: number) => ({ ...comment(id), effectiveAt })
  const now = world.clock.now()
  const early = offer(now - 590 * HOUR)
  for (const stand of [here, { ...here, epoch: 'another' }, { ...here, cursor: 10_000, tag: 'abcdefgh' }, {}]) {
    const again = offer(now - 200 * HOUR)
    await say(world, ada, { ...stand, offered: [again] })
    const receipt = await receiptOf(world, again.id)
    expect(receipt.effectiveAt).toBeGreaterThanOrEqual(now - MAX_BACKDATE_MS)
  }
  await world.ticket()
  const lost = { device: v7(), ...(await positionAt(world.app, await headSeq(world.app))) }
  await world.restore(backup)
  const late = offer(now - 300 * HOUR)
  await say(world, ada, { ...lost, places: [{ cursor: lost.cursor, tag: lost.tag }] })
  await say(world, ada, { ...lost, offered: [late, early] })
  expect(await receiptOf(world, late.id)).toMatchObject({ effectiveAt: late.effectiveAt, claimedAt: null })
  expect(await receiptOf(world, early.id)).toMatchObject({ effectiveAt: now, claimedAt: early.effectiveAt })
})
