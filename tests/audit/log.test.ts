/** The audit log: what it keeps, who reads it, and that nobody changes it unnoticed. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { doctor } from '../harness/doctor.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

const BOB = { name: 'Bob', email: 'bob@example.com', password: 'correct horse battery' }

/** A log of some rows. */
async function someActions(world: World) {
  const { api } = await world.desk()
  const { output } = await api.accounts.createUser.mutate({ ...BOB, role: 'agent' })
  const { email, password } = BOB
  const session = await connectApi(world.url).accounts.logIn.mutate({ email, password })
  await connectApi(world.url, session.output.token).accounts.logOut.mutate()
  return output.userId
}

it('tells who did what, with which session, from where', async () => {
  await using world = await startWorld()
  const userId = await someActions(world)
  const desk = await world.desk()
  const { entries, next } = await desk.api.audit.list.query({ subjectId: userId })
  const place = { address: '127.0.0.1', userAgent: expect.stringContaining('node') }
  expect(entries).toMatchObject([
    { type: 'session-ended', actorId: userId, ...place, sessionId: expect.any(String) },
    { type: 'session-started', actorId: userId, ...place, payload: { session: expect.any(String) } },
    { type: 'user-created', actorId: desk.id, ...place, payload: { name: 'Bob', role: 'agent' } },
  ])
  expect(next).toBeNull()
})

it('keeps no secret', async () => {
  await using world = await startWorld()
  await someActions(world)
  const log = JSON.stringify(rowsOnDisk(world.dataDir, 'select * from audit'))
  for (const secret of [BOB.password, (await world.desk()).token]) expect(log).not.toContain(secret)
})

it('tells what a supervisor decided about parked work', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const sue = await world.person('sue', 'supervisor')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  const bob = await world.person('bob', 'agent')
  await sue.api.tickets.assign.mutate({ ticketId, agentId: bob.id })
  await bob.api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  await ada.rejoin()
  const [parked] = await sue.api.parked.list.query()
  await sue.api.parked.reject.mutate({ commandId: parked?.id ?? '', reason: 'Bob has it.' })
  const { api } = await world.desk()
  const { entries } = await api.audit.list.query({ subject: 'ticket' })
  expect(entries).toMatchObject([{ type: 'command-decided', actorId: sue.id, payload: { outcome: 'refused' } }])
})

it('is read page by page, by what somebody looks for', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await someActions(world)
  const all = await api.audit.list.query({ limit: 200 })
  const paged = []
  for (let before: number | undefined; ;) {
    const page = await api.audit.list.query({ limit: 2, before })
    paged.push(...page.entries)
    if (page.next === null) break
    before = page.next
  }
  expect(paged).toEqual(all.entries)
  expect(all.entries.length).toBeGreaterThan(3)
  const created = await api.audit.list.query({ type: 'user-created' })
  expect(created.entries).toEqual(all.entries.filter(({ type }) => type === 'user-created'))
  const at = world.clock.now()
  expect((await api.audit.list.query({ to: at })).entries).toEqual([])
  expect((await api.audit.list.query({ from: at })).entries).toHaveLength(all.entries.length)
})

it('is for administrators', async () => {
  await using world = await startWorld()
  for (const role of ['requester', 'agent', 'supervisor'] as const) {
    const { api } = await world.person(role, role)
    expect(await codeOf(api.audit.list.query())).toBe('forbidden')
  }
})

it('keeps nothing of a change that was refused', async () => {
  await using world = await startWorld()
  await someActions(world)
  const { api } = await world.desk()
  const before = (await api.audit.list.query()).entries.length
  expect(await codeOf(api.accounts.createUser.mutate({ ...BOB, role: 'agent' }))).toBe('conflict')
  expect((await api.audit.list.query()).entries).toHaveLength(before)
})

it.each([
  "update audit set actorId = 'nobody' where number = 1",
  'delete from audit where number = 2',
  'insert or replace into audit select 1, at, type, actorId, subject, subjectId, deviceId, sessionId, address, userAgent, payload, hash from audit where number = 2',
])('is not changed by %s', async (statement) => {
  await using world = await startWorld()
  await someActions(world)
  const before = rowsOnDisk(world.dataDir, 'select * from audit')
  using db = new DatabaseSync(join(world.dataDir, DATABASE_FILE))
  expect(() => db.exec(statement)).toThrow('the audit log')
  expect(rowsOnDisk(world.dataDir, 'select * from audit')).toEqual(before)
})

it('is found unbroken by the doctor, beside the running server', async () => {
  await using world = await startWorld()
  await someActions(world)
  const rows = rowsOnDisk(world.dataDir, 'select number, hash from audit order by number')
  const { code, report } = await doctor(world.dataDir)
  expect({ code, report }).toMatchObject({
    code: 0,
    report: { ok: true, audit: { rows: rows.length, head: rows.at(-1), problem: null }, recoveries: [] },
  })
})

const REWRITE = `update meta set value = (select json_object('number', number, 'hash', hash) from audit order by number desc limit 1) where key = 'auditHead'`

it.each([
  {
    what: 'a row that was changed',
    sql: `update audit set actorId = 'nobody' where number = 2`,
    says: 'Row 2 was changed',
  },
  { what: 'a row that was taken out', sql: 'delete from audit where number = 2', says: 'Row 2 is missing' },
  {
    what: 'two rows that changed places',
    sql: 'update audit set number = -1 where number = 2; update audit set number = 2 where number = 3; update audit set number = 3 where number = -1',
    says: 'Row 2 was changed',
  },
  { what: 'a log that was cut short', sql: 'delete from audit where number > 2', says: 'Rows 3 to' },
  { what: 'a log that was emptied', sql: 'delete from audit', says: 'Rows 1 to' },
  {
    what: 'a row that was added',
    sql: `insert into audit select max(number) + 1, at, 'session-ended', actorId, subject, subjectId, deviceId, sessionId, address, userAgent, payload, hash from audit`,
    says: 'was changed, or does not belong there',
  },
  {
    what: 'a log that was cut short together with its head',
    sql: `delete from audit where number > 2; ${REWRITE}`,
    says: 'the recorded head, is missing',
  },
])('betrays $what', async ({ sql, says }) => {
  await using world = await startWorld()
  await someActions(world)
  const { number, hash } = (await doctor(world.dataDir)).report.audit.head
  const copy = mkdtempSync(join(tmpdir(), 'rejoin-tampered-'))
  try {
    cpSync(world.dataDir, copy, { recursive: true })
    using db = new DatabaseSync(join(copy, DATABASE_FILE))
    for (const name of ['auditGrowsAtItsEnd', 'auditKeepsContent', 'auditKeepsRows']) db.exec(`drop trigger ${name}`)
    db.exec(sql)
    const { code, report } = await doctor(copy, ['--audit-head', `${number}:${hash}`])
    expect({ code, ok: report.ok }).toEqual({ code: 2, ok: false })
    expect(report.audit.problem).toContain(says)
  } finally {
    rmSync(copy, { recursive: true })
  }
})
