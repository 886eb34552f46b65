/**
 * Lists are answered by indexes, however many rows there are: what SQLite says of every query that the API and the jobs
 * really run, each recorded where it enters the database.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import SQLite from 'better-sqlite3'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getActor } from '@rejoin/server/slices/accounts/queries.ts'
import { openApp, type App } from '@rejoin/server/app.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { checkClocks } from '@rejoin/server/slices/sla/reports/check.ts'
import { Role } from '@rejoin/shared/access/access.ts'
import { fillWorkspace, type BigWorkspace } from '../harness/big-workspace.ts'
import { Clock } from '../harness/clock.ts'
import { testConfig } from '../harness/config.ts'
import { proceduresAs, type Procedures } from '../harness/procedures.ts'
import { faultsOf, planOf } from './query-plans.ts'

/** More than the few that a list may sort, of each set that is meant to be large. */
const SIZE = { tickets: 12_000, people: 2000 }

const DAY = 24 * 3_600_000

let dataDir: string
const clock = new Clock()
let app: App
let workspace: BigWorkspace
let plans: SQLite.Database
let recorded: string[] = []

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  const log = createLog(
    'warn',
    new Writable({
      write(line: Buffer, _encoding, done) {
        const { sql } = JSON.parse(line.toString()) as { sql?: string }
        if (sql !== undefined) recorded.push(sql)
        done()
      },
    }),
  )
  app = await openApp(testConfig(dataDir, { slowQueryMs: 0 }), { log, now: clock.now })
  workspace = await fillWorkspace(app, SIZE)
  plans = new SQLite(join(dataDir, DATABASE_FILE), { readonly: true })
}, 120_000)

afterAll(async () => {
  plans.close()
  await app.close()
  rmSync(dataDir, { recursive: true })
})

const faultsIn = (sql: string) => faultsOf(plans, sql)

type Filter = NonNullable<Parameters<Procedures['tickets']['list']>[0]>

/** The queries that `call` runs. */
async function queriesOf(call: () => Promise<unknown>): Promise<string[]> {
  recorded = []
  await call()
  return [...new Set(recorded)].filter((sql) => !/^(begin|commit|savepoint|release|rollback|pragma|vacuum)/i.test(sql))
}

const SORTS = ['createdAt', 'dueAt', 'priority', 'rev'] as const
const ORDERS = ['asc', 'desc'] as const
const FILTERS: Readonly<Record<string, (workspace: BigWorkspace) => Filter>> = {
  nothing: () => ({}),
  open: () => ({ open: true }),
  'not open': () => ({ open: false }),
  status: () => ({ status: ['closed'] }),
  'a rare status': () => ({ status: ['cancelled'] }),
  priority: () => ({ priority: ['medium', 'low'] }),
  'a rare priority': () => ({ priority: ['urgent'], open: true }),
  department: ({ departments }) => ({ departmentId: departments[0] }),
  'a small department': ({ departments }) => ({ departmentId: departments[1] }),
  assignee: ({ people }) => ({ assigneeId: people.admin }),
  'nobody’s': () => ({ assigneeId: null }),
  requester: ({ people }) => ({ requesterId: people.requester }),
  'a busy requester’s': ({ busyRequester }) => ({ requesterId: busyRequester }),
  tag: () => ({ tag: 'legacy' }),
  'a rare tag': () => ({ tag: 'rare' }),
  'all at once': ({ departments, people }) => ({
    departmentId: departments[0],
    assigneeId: people.admin,
    requesterId: people.requester,
    open: true,
    priority: ['low'],
    tag: 'legacy',
  }),
}

describe.each(Role.options)('the tickets that a person sees who is %s', (role) => {
  it.each(Object.keys(FILTERS))('are found by an index, filtered by %s, in every order', async (name) => {
    const { tickets } = await proceduresAs(app, workspace.people[role])
    const filter = FILTERS[name]?.(workspace) ?? {}
    for (const sort of SORTS) {
      for (const order of ORDERS) {
        const sql = await queriesOf(async () => {
          const { next } = await tickets.list({ ...filter, sort, order })
          if (next !== null) await tickets.list({ ...filter, sort, order, after: next })
        })
        expect(sql.length).toBeGreaterThan(0)
        expect(sql.flatMap(faultsIn), `${sort} ${order}`).toEqual([])
      }
    }
  })
})

it.each(['nothing', 'open', 'department', 'a busy requester’s', 'tag', 'assignee'])(
  'a list of a great part of all tickets is sorted by no one: filtered by %s',
  async (name) => {
    const { tickets } = await proceduresAs(app, workspace.people.admin)
    const filter = { ...FILTERS[name]?.(workspace), ...(name === 'open' && { open: false }) }
    for (const sort of SORTS) {
      const sql = await queriesOf(() => tickets.list({ ...filter, sort }))
      const steps = sql.flatMap((each) => planOf(plans, each))
      expect(steps.filter(({ detail }) => detail.startsWith('USE TEMP B-TREE'))).toEqual([])
    }
  },
)

/** `after`: the last item of the page before; of every type, so that each list takes it. */
interface Page {
  readonly after?: never
}
type Call = (api: Procedures, workspace: BigWorkspace, page: Page) => Promise<unknown>

/** Each is asked on by the last item of its first page. */
const LISTS: Readonly<Record<string, Call>> = {
  'tickets.queue': (api, _, page) => api.tickets.queue(page),
  'tickets.history': (api, { ticketId }, page) => api.tickets.history({ ticketId, ...page }),
  'parked.list': (api, _, page) => api.parked.list(page),
  'parked.listBackdated': (api, _, page) => api.parked.listBackdated(page),
  'notifications.list': (api, _, page) => api.notifications.list(page),
  'notifications.list unread': (api, _, page) => api.notifications.list({ unread: true, ...page }),
  'mail.failed': (api, _, page) => api.mail.failed(page),
  'mail.waiting': (api, _, page) => api.mail.waiting(page),
  'accounts.pending': (api, _, page) => api.accounts.pending(page),
  'accounts.people': (api, _, page) => api.accounts.people(page),
  'accounts.people of a role': (api, _, page) => api.accounts.people({ role: 'agent', ...page }),
  'accounts.people of a department': (api, { departments: [departmentId] }, page) =>
    api.accounts.people({ departmentId, ...page }),
  'accounts.sessions': (api, { people }, page) => api.accounts.sessions({ userId: people.agent, ...page }),
  'accounts.roles.list': (api, _, page) => api.accounts.roles.list(page),
  'invitations.list': (api, _, page) => api.invitations.list(page),
  'departments.list': (api, _, page) => api.departments.list(page),
  'devices.list': (api, _, page) => api.devices.list(page),
  'devices.list of a person': (api, { people }, page) => api.devices.list({ userId: people.agent, ...page }),
  'sla.calendars.list': (api, _, page) => api.sla.calendars.list(page),
  'sla.policies.list': (api, _, page) => api.sla.policies.list(page),
  'sla.check': async (_, { people }, page) => {
    // In this thread, so that its queries are recorded.
    const context = { read: app.read, actor: getActor(app.read, people.admin), sessionId: null, now: app.now() }
    return (await checkClocks(context, { withinMs: 300 * DAY, limit: 100, ...page })).clocks
  },
  'sync.recoveries': (api, _, page) => api.sync.recoveries(page),
}

describe.each(Object.keys(LISTS))('%s', (name) => {
  it('is answered by indexes, its first page and the next one', async () => {
    let asked = 0
    for (const role of ['admin', 'supervisor', 'agent'] as const) {
      const api = await proceduresAs(app, workspace.people[role])
      const sql = await queriesOf(async () => {
        let after: unknown
        for (let page = 0; page < 2 && (page === 0 || after !== undefined); page += 1) {
          const items = await LISTS[name]?.(api, workspace, { ...(page > 0 && { after: after as never }) }).catch(
            mayBeForbidden,
          )
          after = (items as unknown[] | undefined)?.at(-1)
          asked = Math.max(asked, page + 1)
        }
      })
      expect(sql.flatMap(faultsIn)).toEqual([])
    }
    expect(asked, 'there is a next page to ask for').toBe(2)
  })
})

const CALLS: Readonly<Record<string, (api: Procedures, workspace: BigWorkspace) => Promise<unknown>>> = {
  'tickets.get': (api, { ticketId }) => api.tickets.get({ ticketId }),
  'tickets.comments': (api, { ticketId }) => api.tickets.comments({ ticketId, before: { seq: 9, id: v7() } }),
  'tickets.work': (api, { ticketId }) => api.tickets.work({ ticketId, before: { seq: 9, id: v7() } }),
  'tickets.authors': (api, { ticketId }) => api.tickets.authors({ ticketId }),
  'audit.list': (api) => api.audit.list({}),
  'audit.list by type': (api) => api.audit.list({ type: 'session-started', from: 5 }),
  'audit.list by actor': (api, { people }) => api.audit.list({ actorId: people.admin }),
  'audit.list by kind': (api) => api.audit.list({ subject: 'user' }),
  'audit.list by subject': (api, { people }) => api.audit.list({ subjectId: people.admin }),
  'audit.list by address': (api) => api.audit.list({ address: '10.0.0.2' }),
  'audit.list by time': (api) => api.audit.list({ from: 1, to: app.now() - 5000, before: 5000 }),
  'accounts.apiTokens.list': (api) => api.accounts.apiTokens.list({}),
}

it.each(Object.keys(CALLS))('%s is answered by indexes', async (name) => {
  for (const role of ['admin', 'supervisor', 'agent'] as const) {
    const api = await proceduresAs(app, workspace.people[role])
    const sql = await queriesOf(async () => CALLS[name]?.(api, workspace).catch(mayBeForbidden))
    expect(sql.flatMap(faultsIn)).toEqual([])
  }
})

function mayBeForbidden(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'FORBIDDEN')) throw error
}

it('what runs by the clock finds its work by indexes: the sweep, the outbox, the log that is cut, sessions, mail', async () => {
  const sql = await queriesOf(async () => {
    for (let hour = 0; hour < 30; hour += 1) {
      clock.advance(3_600_000)
      await app.jobs.runDue()
    }
  })
  expect(sql.length).toBeGreaterThan(20)
  expect(sql.flatMap(faultsIn)).toEqual([])
})
