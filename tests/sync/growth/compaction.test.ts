/** The log is cut at its old end: who needs nothing of that notices nothing, and who does says what they hold. */
import { expect, it } from 'vitest'
import { headOf } from '@rejoin/server/core/storage/revisions.ts'
import { since } from '@rejoin/server/doors/sync/catch-up.ts'
import { scopeAt } from '@rejoin/server/doors/sync/scope.ts'
import { startWorld, type World } from '../../harness/world.ts'
import { act, catchUps, DAY, oneDay, staySignedIn } from './churn.ts'

/** Ada, who has two tickets, and the desk's own, which change every day for `days`. */
async function office() {
  const world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const mine = [await world.ticket({ assignee: ada.person }), await world.ticket({ assignee: ada.person })]
  const other = await world.ticket({ departmentId: await world.department('depot') })
  await world.converge()
  await staySignedIn(world)
  const pass = async (days: number) => {
    for (let day = 0; day < days; day += 1) {
      await oneDay(world, [other.id], bob.person.id, day)
      await world.advance(DAY)
    }
  }
  return { world, ada, bob, mine: mine.map(({ id }) => id), other: other.id, pass }
}

/** How often a device took its whole scope, and how many were taken for those of a restored server. */
async function lives(world: World): Promise<{ whole: number; reports: number }> {
  const reports = await world.app.read.selectFrom('recovery').selectAll().execute()
  return { whole: await catchUps(world, 'whole'), reports: reports.length }
}

it('tells a device only what has changed while it was away for less than the horizon', async () => {
  const { world, ada, mine, pass } = await office()
  await using _world = world
  const [first = '', second = ''] = mine
  await pass(20)
  ada.disconnect()
  await ada.tickets.comment({ ticketId: first, body: 'Typed in a cellar' })
  const before = { ...(await lives(world)), incremental: await catchUps(world, 'incremental') }
  await act(world, 'ticket.edit', { ticketId: second, set: { title: 'Changed at once' } })
  await pass(28)
  await ada.rejoin()
  expect(ada.view(second)?.title).toBe('Changed at once')
  expect(ada.verdicts().at(-1)).toMatchObject({ name: 'comment.add', code: 'backdated-too-far' })
  expect({ ...(await lives(world)), incremental: (await catchUps(world, 'incremental')) - 1 }).toEqual(before)
})

it('tells a device only what has changed though nothing had concerned it for months while it was connected', async () => {
  const { world, ada, mine, pass } = await office()
  await using _world = world
  const before = await lives(world)
  await pass(70)
  await ada.settled()
  ada.disconnect()
  await act(world, 'ticket.edit', { ticketId: mine[0] ?? '', set: { title: 'Changed' } })
  await ada.rejoin()
  expect(ada.view(mine[0] ?? '')?.title).toBe('Changed')
  expect(await lives(world)).toEqual(before)
})

it('brings a device up to date that was away for longer, by what it holds, and judges what waits on it', async () => {
  const { world, ada, bob, mine, other, pass } = await office()
  await using _world = world
  const [first = '', second = ''] = mine
  await ada.tickets.comment({ ticketId: first, body: 'Done before', visibility: 'internal' })
  await ada.settled()
  const verdicts = ada.verdicts().length
  ada.disconnect()
  await ada.tickets.comment({ ticketId: first, body: 'Typed in a cellar' })
  await act(world, 'ticket.assign', { ticketId: second, agentId: bob.person.id })
  await pass(50)
  await act(world, 'ticket.edit', { ticketId: first, set: { title: 'Changed' } })
  const before = await lives(world)
  await ada.rejoin()
  expect(ada.held()).toEqual([first])
  expect(ada.view(first)).toMatchObject({ title: 'Changed', comments: [{}, { body: 'Typed in a cellar' }] })
  expect(ada.verdicts().slice(verdicts)).toMatchObject([{ name: 'comment.add', code: 'backdated-too-far' }])
  expect(await lives(world)).toEqual(before)
  expect(ada.held()).not.toContain(other)
})

it('takes a device that was cut off between two parts of its tickets for old, not for one from a lost future', async () => {
  const { world, ada, mine, pass } = await office()
  await using _world = world
  await ada.tickets.comment({ ticketId: mine[0] ?? '', body: 'Done before', visibility: 'internal' })
  await ada.settled()
  ada.disconnect()
  await pass(50)
  for (let count = 0; count < 101; count += 1) await world.ticket()
  ada.wire.mend()
  ada.connect()
  while (ada.held().length < 100)
    await new Promise<void>((resolve) => {
      const stop = ada.subscribe(() => {
        stop()
        resolve()
      })
    })
  ada.disconnect()
  await ada.rejoin()
  expect(ada.held()).toHaveLength(103)
  expect((await lives(world)).reports).toBe(0)
})

it('tells nobody half of what is cut while they read it', async () => {
  const { world, mine, other, pass } = await office()
  await using _world = world
  const { read } = world.app
  const sue = await world.person('sue', 'supervisor')
  const from = headOf(read)
  const ids = [...mine, other]
  while (ids.length <= 102) ids.push((await world.ticket()).id)
  await Promise.all(ids.map((ticketId) => act(world, 'ticket.tag', { ticketId, tag: 'north' })))
  const head = headOf(read)
  const former = { from, scope: scopeAt(read, sue.id, from.cursor), resend: new Set<string>() }
  const told = since(read, former, { head, scope: scopeAt(read, sue.id, head.cursor), healing: world.app })
  expect(await told.next()).toMatchObject({ done: false })
  await pass(50)
  const rest = async () => {
    for await (const _ of told);
  }
  await expect(rest()).rejects.toMatchObject({ code: 'unavailable' })
})
