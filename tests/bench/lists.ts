/** How long a page of each list takes in a workspace of 100,000 tickets, and what a ticket costs to write there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { openApp, type App } from '@rejoin/server/app.ts'
import { TICKET_COMMANDS } from '@rejoin/server/slices/tickets/commands.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import { fillWorkspace, type BigWorkspace } from '../harness/big-workspace.ts'
import { testConfig } from '../harness/config.ts'
import { proceduresAs, type Procedures } from '../harness/procedures.ts'
import { percentile, range, table } from './figures.ts'

const SIZE = { tickets: 100_000, people: 10_000 }
const ROUNDS = 9
const WRITES = 300

type Filter = NonNullable<Parameters<Procedures['tickets']['list']>[0]>

const SORTS = ['createdAt', 'dueAt', 'priority', 'rev'] as const
const FILTERS: Readonly<Record<string, (workspace: BigWorkspace) => Filter>> = {
  nothing: () => ({}),
  open: () => ({ open: true }),
  cancelled: () => ({ status: ['cancelled'] }),
  urgent: () => ({ priority: ['urgent'] }),
  'a small department': ({ departments }) => ({ departmentId: departments[1] }),
  'nobody’s': () => ({ assigneeId: null }),
  'a busy requester’s': ({ busyRequester }) => ({ requesterId: busyRequester }),
  'a rare tag': () => ({ tag: 'rare' }),
}
const ROLES: readonly Role[] = ['supervisor', 'agent', 'requester']

export async function benchLists(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-bench-'))
  const app = await openApp(testConfig(dataDir))
  try {
    const workspace = await fillWorkspace(app, SIZE)
    const admin = await proceduresAs(app, workspace.people.admin)
    const rows: string[][] = []
    for (const [name, filter] of Object.entries(FILTERS)) rows.push([name, ...(await sorted(admin, filter(workspace)))])
    for (const role of ROLES)
      rows.push([`as ${role}`, ...(await sorted(await proceduresAs(app, workspace.people[role]), {}))])
    const lists = table(
      `lists: a page of 50 of ${SIZE.tickets.toLocaleString('en')} tickets, the slower of both orders, ms`,
      ['filter', ...SORTS],
      rows,
    )
    const others = table('lists: others, the same workspace', ['call', 'ms'], await otherLists(app, workspace))
    const writes = table('lists: commands beside it, one at a time', ['command', 'ms'], await writeMs(app, workspace))
    return `${lists}\n${others}\n${writes}`
  } finally {
    await app.close()
    rmSync(dataDir, { recursive: true })
  }
}

async function sorted(api: Procedures, filter: Filter): Promise<string[]> {
  const cells: string[] = []
  for (const sort of SORTS) {
    const medians: number[] = []
    for (const order of ['asc', 'desc'] as const) {
      medians.push(percentile(await measured(() => api.tickets.list({ ...filter, sort, order })), 0.5))
    }
    cells.push(Math.max(...medians).toFixed(1))
  }
  return cells
}

async function otherLists(app: App, { people }: BigWorkspace): Promise<string[][]> {
  const [admin, supervisor, agent] = [
    await proceduresAs(app, people.admin),
    await proceduresAs(app, people.supervisor),
    await proceduresAs(app, people.agent),
  ]
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    'tickets.queue (supervisor)': () => supervisor.tickets.queue(),
    'parked.list (admin)': () => admin.parked.list(),
    'parked.list (supervisor)': () => supervisor.parked.list(),
    'parked.listBackdated (supervisor)': () => supervisor.parked.listBackdated(),
    'notifications.list (unread)': () => agent.notifications.list({ unread: true }),
    'audit.list (an address that is not there)': () => admin.audit.list({ address: '10.9.9.9' }),
    'mail.failed': () => admin.mail.failed(),
    'mail.waiting': () => admin.mail.waiting(),
    'accounts.pending': () => admin.accounts.pending(),
    'sla.check (agent)': () => agent.sla.check({}),
  }
  const rows: string[][] = []
  for (const [name, call] of Object.entries(calls)) rows.push([name, range(await measured(call), 'ms')])
  return rows
}

/** What indexes cost: a ticket opened, and a change of one. */
async function writeMs({ commits }: App, { people, departments }: BigWorkspace): Promise<string[][]> {
  const as = { actorId: people.admin }
  const [opened, moved, commented]: [number[], number[], number[]] = [[], [], []]
  for (let count = 0; count < WRITES; count += 1) {
    const ticketId = v7()
    const input = { ticketId, title: 'Printer', departmentId: departments[0] }
    opened.push(await msOf(() => commits.commitOrThrow(TICKET_COMMANDS['ticket.create'], input, as)))
    const edit = { ticketId, set: { priority: 'high' } } as const
    moved.push(await msOf(() => commits.commitOrThrow(TICKET_COMMANDS['ticket.edit'], edit, as)))
    const comment = { ticketId, commentId: v7(), body: 'Looked at it.' }
    commented.push(await msOf(() => commits.commitOrThrow(TICKET_COMMANDS['comment.add'], comment, as)))
  }
  const row = (name: string, samples: number[]) => [
    name,
    `${percentile(samples, 0.5).toFixed(2)} (p90 ${percentile(samples, 0.9).toFixed(2)})`,
  ]
  return [row('ticket.create', opened), row('ticket.edit', moved), row('comment.add', commented)]
}

async function measured(call: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) samples.push(await msOf(call))
  return samples.slice(1)
}

async function msOf(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await call()
  return performance.now() - start
}
