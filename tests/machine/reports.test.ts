/** Reports leave the thread that commits: where they read, what they see, and what becomes of one that takes too long. */
import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type Person } from '../harness/world.ts'

const DAY = 24 * 3_600_000

/** A world that keeps every statement of the handles of the main thread in `statements`. */
async function watchedWorld() {
  const statements: string[] = []
  const lines = new Writable({
    write(line: Buffer, _encoding, done) {
      const { sql } = JSON.parse(line.toString()) as { sql?: string }
      if (sql !== undefined) statements.push(sql)
      done()
    },
  })
  const world = await startWorld({ log: createLog('warn', lines), settings: { slowQueryMs: 0 } })
  return { world, statements }
}

const REPORTS: Readonly<Record<string, { reads: RegExp; ask: (person: Person, now: number) => Promise<unknown> }>> = {
  metrics: {
    reads: /slaClock/,
    ask: ({ api }, now) => api.sla.metrics.query({ from: 0, until: now + DAY }),
  },
  'what is due': { reads: /slaClock/, ask: ({ api }) => api.sla.check.query({ withinMs: 300 * DAY }) },
  'a preview': {
    reads: /slaTicket|slaPolicy/,
    ask: ({ api }) => api.sla.policies.preview.query({ policy: { value: { ...DEFAULT_POLICY, name: 'Another' } } }),
  },
  'a search': { reads: /from .?ticket/, ask: ({ api }) => api.tickets.list.query({ text: 'rint' }) },
}

const NONE = { reads: /^$/, ask: async () => undefined }

it.each(Object.keys(REPORTS))('%s is not read by the thread that commits', async (name) => {
  const { world, statements } = await watchedWorld()
  await using _world = world
  await world.ticket({ title: 'Printer' })
  const desk = await world.desk()
  const { reads, ask } = REPORTS[name] ?? NONE
  expect(statements.filter((sql) => reads.test(sql)).length, 'what is watched for happens').toBeGreaterThan(0)
  statements.length = 0
  await ask(desk, world.clock.now())
  expect(statements.length, 'the door asks who it is').toBeGreaterThan(0)
  expect(statements.filter((sql) => reads.test(sql))).toEqual([])
})

it('a report sees what its reader has just done', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  for (let count = 1; count <= 3; count += 1) {
    await world.ticket({ title: `Printer ${count}` })
    expect((await api.tickets.list.query({ text: 'printer' })).tickets).toHaveLength(count)
    const { clocks } = await api.sla.check.query({ withinMs: 300 * DAY })
    expect(new Set(clocks.map(({ ticketId }) => ticketId)).size).toBe(count)
  }
})

it('a report that takes too long is given up, with the limit and what to ask instead; work goes on', async () => {
  await using world = await startWorld({ settings: { reportMs: 1 } })
  const { api } = await world.desk()
  await world.ticket()
  await expect(api.sla.metrics.query({ from: 0, until: world.clock.now() + DAY })).rejects.toMatchObject({
    message: 'report: computing it takes longer than 0.001 s.',
    data: { code: 'too-large', hint: 'Request a shorter range, or one metric.' },
  })
  await expect(api.tickets.list.query({ text: 'printer' })).rejects.toMatchObject({ data: { code: 'too-large' } })
  await world.ticket()
  expect((await api.tickets.list.query()).tickets).toHaveLength(2)
})

it('whoever may not ask for a report is told so without a thread', async () => {
  await using world = await startWorld({ settings: { reportMs: 1 } })
  const rita = await world.person('rita', 'requester')
  await expect(rita.api.sla.check.query()).rejects.toMatchObject({ data: { code: 'forbidden' } })
  await expect(rita.api.sla.metrics.query({ from: 0, until: 1 })).rejects.toMatchObject({ data: { code: 'forbidden' } })
})

it('what a report meets that the disk has damaged, the operator is told', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await world.ticket()
  // The thread that commits knows these versions by heart by now.
  world.app.db.writer.run(`update slaCalendarVersion set value = '[{'`)
  expect(world.app.damage.told).toEqual([])
  await codeOf(api.sla.check.query({ withinMs: 300 * DAY }))
  expect(world.app.damage.told).toEqual([expect.stringMatching(/^Version .* of a calendar: damaged; skipped\.$/)])
})
