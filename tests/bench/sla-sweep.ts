/** What a sweep costs when a thousand clocks fire, however many are open, and what a look at one ticket costs then. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { createUser } from '@rejoin/server/slices/accounts/commands.ts'
import { openApp, type App } from '@rejoin/server/app.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { explanationOf } from '@rejoin/server/slices/sla/reports/explain.ts'
import { sweepClocks } from '@rejoin/server/slices/sla/sweep.ts'
import { TICKET_COMMANDS } from '@rejoin/server/slices/tickets/commands.ts'
import { testConfig } from '../harness/config.ts'
import { percentile, short, table } from './figures.ts'

const FIRING = 1000
const EXPLAINED = 200
const OPEN = [10_000, 100_000, 1_000_000]
const as = { actorId: SYSTEM_ID }

export async function benchSweep(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-bench-'))
  const app = await openApp(testConfig(dataDir))
  try {
    const ticketId = await aTicket(app)
    await sweep(app, await letFire(app, ticketId, OPEN[0] ?? 0, { tickets: 0 }))
    const rows: string[][] = []
    let tickets = (OPEN[0] ?? 0) / 2
    for (const open of OPEN) {
      const due = await letFire(app, ticketId, open, { tickets })
      tickets = open / 2
      const ms = await sweep(app, due)
      const idle = await sweep(app, 0)
      rows.push([open.toLocaleString('en'), short(ms), short(idle), ...(await explainMs(app, ticketId))])
    }
    const head = ['open clocks', `sweep of ${FIRING} ms`, 'sweep of none ms', 'explain p50 ms', 'explain p99 ms']
    return table('sla: the sweep and explain, in this process, on disk', head, rows)
  } finally {
    await app.close()
    rmSync(dataDir, { recursive: true })
  }
}

async function aTicket({ commits }: App): Promise<string> {
  const user = { name: 'rita', role: 'requester', email: 'rita@example.com', departments: [] } as const
  const { output } = await commits.commitOrThrow(createUser, user, as)
  const ticketId = v7()
  const input = { ticketId, title: 'Printer', priority: 'low', requesterId: output.userId }
  await commits.commitOrThrow(TICKET_COMMANDS['ticket.create'], input, as)
  return ticketId
}

/** Copies the ticket until there are `open` clocks, two for each, and lets a thousand of them be a minute late. */
async function letFire(app: App, ticketId: string, open: number, { tickets }: { tickets: number }): Promise<number> {
  const { writer } = app.db
  writer.run('begin')
  for (const [name, changed] of [
    ['ticket', { id: ID, number: `'B-' || i` }],
    ['slaTicket', { ticketId: ID }],
    ['slaClock', { id: `printf('%s-%d-%s', metric, i, 'x')`, ticketId: ID }],
  ] as const) {
    copy(app, { name, changed, key: name === 'ticket' ? 'id' : 'ticketId' }, { ticketId, from: tickets, to: open / 2 })
  }
  const lateBy = app.now() - 60_000
  writer.run(
    `update slaClock set startAt = ${lateBy} - targetMs, markAt = ${lateBy} - targetMs, dueAt = ${lateBy}, nextFireAt = ${lateBy}
      where id in (select id from slaClock where metric = 'resolution' and state = 'running' and breachAt is null limit ${FIRING})`,
  )
  writer.run('commit')
  return FIRING
}

const ID = `printf('%08x-0000-7000-8000-000000000000', i)`

function copy(
  { db: { writer } }: App,
  { name, changed, key }: { name: string; changed: Readonly<Record<string, string>>; key: string },
  { ticketId, from, to }: { ticketId: string; from: number; to: number },
): void {
  if (from >= to) return
  const columns = writer
    .rows<{ name: string }>(`select name from pragma_table_info('${name}')`, [])
    .map((row) => row.name)
  const values = columns.map((column) => changed[column] ?? column)
  writer.run(
    `with recursive n (i) as (select ? union all select i + 1 from n where i < ?)
      insert into ${name} (${columns.join()}) select ${values.join()} from ${name}, n where ${key} = ?`,
    [from + 1, to, ticketId],
  )
}

/** How long a sweep takes that finds `due` clocks, ms. */
async function sweep(app: App, due: number): Promise<number> {
  const before = await breaches(app)
  const start = performance.now()
  await sweepClocks(app)
  const ms = performance.now() - start
  const found = (await breaches(app)) - before
  if (found !== due) throw new Error(`${found} clocks fired, not ${due}`)
  return ms
}

async function breaches({ read }: App): Promise<number> {
  return read.rows<{ count: number }>(`select count(*) as count from slaEvent where kind = 'breach'`, [])[0]?.count ?? 0
}

async function explainMs({ read, now }: App, ticketId: string): Promise<string[]> {
  const samples: number[] = []
  for (let count = 0; count < EXPLAINED; count++) {
    const start = performance.now()
    await explanationOf(read, ticketId, now())
    samples.push(performance.now() - start)
  }
  return [short(percentile(samples, 0.5)), short(percentile(samples, 0.99))]
}
