/** The server's clock is set back, or is ahead for long: nothing throws, rests or is removed because of it. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { recomputeSla } from '@rejoin/server/cli/sla.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { startWorld, type World } from '../harness/world.ts'
import { DAY, HOUR, MINUTE, pass, rows, whileWrong } from './wrong.ts'

/** A world that tells of every job that failed and every command that did. */
async function startTelling() {
  const failures: string[] = []
  const write = (line: string) => {
    if (/failed|could not/.test(line)) failures.push(line)
  }
  const world = await startWorld({ log: createLog('warn', { write }) })
  return { world, failures }
}

async function work(world: World, ticketId: string) {
  const api = connectApi(world.url, await world.newToken((await world.desk()).id))
  await api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Under way', visibility: 'public' })
  await api.tickets.transition.mutate({ ticketId, to: 'on_hold', reason: 'Parts' })
  await world.advance(1000)
  await api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  const second = v7()
  const departmentId = await world.department('support')
  await api.tickets.create.mutate({ ticketId: second, title: 'Another', departmentId })
  await api.tickets.edit.mutate({ ticketId: second, set: { priority: 'urgent' } })
  return second
}

const BACK = [-MINUTE, -HOUR, -DAY, -365 * DAY, DAY, 365 * DAY]

it.each(BACK)('takes work on tickets before, during and after a clock that is %i ms off', async (aheadMs) => {
  const { world: made, failures } = await startTelling()
  await using world = made
  const { id } = await world.ticket({ priority: 'high' })
  await pass(world, MINUTE, 2000)
  await work(world, id)
  const second = await whileWrong(world, aheadMs, () => work(world, id))
  for (const ticketId of [id, second]) {
    await work(world, ticketId)
    const desk = await world.desk()
    await desk.api.tickets.resolve.mutate({ ticketId, resolution: 'Done' })
    await desk.api.sla.explain.query({ ticketId })
  }
  await pass(world, 5 * MINUTE)
  await recomputeSla(world.app.config, { dryRun: true })
  expect(failures).toEqual([])
  const readiness = (await (await fetch(`${world.url}/readyz`)).json()) as { checks: Record<string, { ok: boolean }> }
  expect(Object.values(readiness.checks).every(({ ok }) => ok)).toBe(true)
})

it.each([DAY, 365 * DAY])('recomputes clocks while the last word on a ticket is %i ms ahead', async (aheadMs) => {
  await using world = await startWorld()
  const { id } = await world.ticket({ priority: 'urgent' })
  await whileWrong(world, aheadMs, () => work(world, id))
  await expect(recomputeSla(world.app.config, { dryRun: true })).resolves.toEqual(expect.any(Boolean))
  await pass(world, 3 * MINUTE)
  expect(await recomputeSla(world.app.config, { dryRun: true })).toBe(true)
})

it('takes back what it said of breaches while the clock was ahead for long, and sweeps on in another process', async () => {
  await using world = await startWorld()
  const { id } = await world.ticket({ priority: 'urgent' })
  await whileWrong(world, DAY, async () => pass(world, 5 * MINUTE), 5 * MINUTE)
  const breaches = () => rows(world, `select breachAt from slaClock where ticketId = '${id}' and breachAt is not null`)
  expect(breaches()).toHaveLength(2)
  expect(rows(world, 'select holder from lease')).toHaveLength(1)
  await world.restart()
  await pass(world, 2 * MINUTE)
  expect(breaches()).toEqual([])
  await pass(world, HOUR)
  expect(breaches()).toHaveLength(1)
})

it.each([DAY, 365 * DAY])('removes nothing for good by a clock that is %i ms ahead, by any job', async (aheadMs) => {
  await using world = await startWorld()
  const { token } = await world.desk()
  await world.ticket()
  await pass(world, MINUTE)
  const count = () =>
    ['revision', 'documentUpdate', 'audience', 'session', 'device', 'receipt', 'attempt'].map(
      (table) => rows(world, `select count(*) as count from "${table}"`)[0]?.['count'],
    )
  const before = count()
  await whileWrong(world, aheadMs, async () => pass(world, 50 * MINUTE, 5 * MINUTE))
  for (const [index, rowsNow] of count().entries()) expect(rowsNow).toBeGreaterThanOrEqual(Number(before[index]))
  await pass(world, 2 * MINUTE)
  expect((await connectApi(world.url, token).accounts.me.query()).id).toBe((await world.desk()).id)
  await pass(world, 2 * MINUTE)
})

it('cuts the log at its horizon although some of it says that it is of next year', async () => {
  await using world = await startWorld({ settings: { horizonDays: 1 } })
  const { id } = await world.ticket()
  await whileWrong(world, 365 * DAY, () => work(world, id))
  await work(world, id)
  await pass(world, 4 * DAY, HOUR)
  expect(rows(world, 'select count(*) as count from revision')).toEqual([{ count: 1 }])
})

it('keeps young ends of the log that are of last year by what they say', async () => {
  await using world = await startWorld({ settings: { horizonDays: 1 } })
  const { id } = await world.ticket()
  const seqs = () => rows(world, 'select seq from revision order by seq')
  await pass(world, 2 * HOUR, HOUR)
  await whileWrong(world, -365 * DAY, () => work(world, id))
  await work(world, id)
  const before = seqs()
  await pass(world, DAY, HOUR)
  expect(seqs()).toEqual(expect.arrayContaining(before))
})

it('looks at the clock again after it was off: old things are removed once it has gone evenly for an hour', async () => {
  await using world = await startWorld({ settings: { horizonDays: 1 } })
  await world.ticket()
  await whileWrong(world, DAY, () => world.ticket())
  await world.ticket()
  await pass(world, 5 * DAY, HOUR)
  expect(rows(world, 'select count(*) as count from revision')).toEqual([{ count: 1 }])
})
