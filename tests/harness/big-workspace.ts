/**
 * A workspace as years of work leave it, as rows straight in the file: a real ticket and a real person, copied. Most
 * tickets are old and closed, a few hundred are open; one department, one person and one tag have a great part of all,
 * others next to nothing. The documents of the copies are not there: it is for lists, not for devices.
 */
import { v7 } from 'uuid'
import { createUser } from '@rejoin/server/slices/accounts/commands.ts'
import type { App } from '@rejoin/server/app.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { createDepartment } from '@rejoin/server/slices/departments/commands.ts'
import { TICKET_COMMANDS } from '@rejoin/server/slices/tickets/commands.ts'
import type { Role } from '@rejoin/shared/access/access.ts'

export interface Size {
  readonly tickets: number
  readonly people: number
}

export interface BigWorkspace {
  /** The first has half of all tickets, the second a hundredth. */
  readonly departments: readonly [string, string]
  /** One of each role; the agent and the supervisor are of both departments. */
  readonly people: Readonly<Record<Role, string>>
  /** The requester of a third of all tickets, as a program that watches printers would be. */
  readonly busyRequester: string
  /** The ticket that all others are copies of, and that has a document. */
  readonly ticketId: string
}

const as = { actorId: SYSTEM_ID }
const MINUTE = 60_000

export async function fillWorkspace(app: App, size: Size): Promise<BigWorkspace> {
  const departments = [await department(app, 'Support'), await department(app, 'Archive')] as const
  const person = async (role: Role, name: string = role) => {
    const ofBoth = role === 'requester' ? [] : [...departments]
    const user = { name, role, email: `${name}@example.com`, departments: ofBoth }
    return (await app.commits.commitOrThrow(createUser, user, as)).output.userId
  }
  const people = {
    admin: await person('admin'),
    supervisor: await person('supervisor'),
    agent: await person('agent'),
    requester: await person('requester'),
  }
  const busyRequester = await person('requester', 'monitor')
  const ticketId = v7()
  const ticket = { ticketId, title: 'Printer', priority: 'low', requesterId: people.requester, tags: ['legacy'] }
  await app.commits.commitOrThrow(TICKET_COMMANDS['ticket.create'], { ...ticket, departmentId: departments[0] }, as)
  const { writer } = app.db
  writer.run('begin')
  copyPeople(app, people.requester, size.people)
  copyTickets(app, { ticketId, departments, people, busyRequester }, size.tickets)
  copyRecords(app, { ticketId, people }, size)
  writer.run('commit')
  return { departments, people, busyRequester, ticketId }
}

async function department({ commits }: App, name: string): Promise<string> {
  return (await commits.commitOrThrow(createDepartment, { name }, as)).output.departmentId
}

/** Ids of copies, in the order of their numbers. */
const idOf = (kind: number, number = 'i') =>
  `printf('%08x-${String(kind).padStart(4, '0')}-7000-8000-000000000000', ${number})`
const [TICKET, USER, OTHER, RECEIPT] = [1, 2, 3, 4]

function copyPeople(app: App, like: string, count: number): void {
  const changed = {
    id: idOf(USER),
    name: `'Person ' || (i * 7919 % ${count})`,
    email: `i || '@example.org'`,
    number: `'CUS-B' || i`,
    role: `iif(i % 10 = 0, 'agent', 'requester')`,
    status: `iif(i % 500 = 0, 'pending', 'active')`,
  }
  copy(app, 'user', { where: ['id', like], count, changed })
}

function copyTickets(app: App, like: BigWorkspace, count: number): void {
  const { ticketId, departments, people, busyRequester } = like
  const start = app.now() - count * MINUTE
  const changed = {
    id: idOf(TICKET),
    number: `'B-' || i`,
    // Unfinished tickets are among the newest.
    status: `case when i % 100 = 0 then 'cancelled' when i < ${count} * 0.97 then 'closed' when i % 3 = 0 then 'resolved'
      when i % 3 = 1 then 'open' else 'in_progress' end`,
    priority: `case when i % 50 = 0 then 'urgent' when i % 10 = 0 then 'high' when i % 3 = 0 then 'low' else 'medium' end`,
    departmentId: `iif(i % 100 = 0, '${departments[1]}', iif(i % 2 = 0, '${departments[0]}', null))`,
    requesterId: `iif(i % 3 = 0, '${busyRequester}', iif(i % 997 = 0, '${people.requester}', '${people.admin}'))`,
    assigneeId: `case when i % 5 = 0 then '${people.agent}' when i % 7 = 0 then '${people.supervisor}' when i % 101 = 0 then null else '${people.admin}' end`,
    createdAt: `${start} + i * ${MINUTE}`,
    dueAt: `iif(i % 4 = 0, null, ${start} + (i * 7919 % ${count}) * ${MINUTE})`,
    rev: `i + 100`,
  }
  copy(app, 'ticket', { where: ['id', ticketId], count, changed })
  copy(app, 'slaTicket', { where: ['ticketId', ticketId], count, changed: { ticketId: idOf(TICKET) } })
  const clock = {
    id: `printf('%s-%d', metric, i)`,
    ticketId: idOf(TICKET),
    state: `iif(i < ${count} * 0.97, 'stopped', 'running')`,
    stopAt: `iif(i < ${count} * 0.97, ${start} + i * ${MINUTE}, null)`,
    nextFireAt: `iif(i < ${count} * 0.97, null, nextFireAt)`,
  }
  copy(app, 'slaClock', { where: ['ticketId', ticketId], count, changed: clock })
  const { writer } = app.db
  writer.run(
    `insert into ticketTag (ticketId, tag, addedSeq) select id, 'legacy', 1 from ticket where number glob 'B-*' and rev % 3 = 0`,
  )
  writer.run(
    `insert into ticketTag (ticketId, tag, addedSeq) select id, 'rare', 1 from ticket where number glob 'B-*' and rev % 9973 = 0`,
  )
  writer.run(
    `insert into ticketWatcher (ticketId, userId, reason, addedSeq)
      select id, ?, 'added', 1 from ticket where number glob 'B-*' and rev % 1009 = 0`,
    [people.agent],
  )
}

/** Other records that grow over years: receipts, notifications, the audit log, mail, devices, invitations, sessions. */
function copyRecords(
  { db: { writer }, now }: App,
  { ticketId, people }: Pick<BigWorkspace, 'ticketId' | 'people'>,
  size: Size,
) {
  const numbers = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${size.tickets})`
  const at = `${now()} - ${size.tickets} + i`
  const { agent, admin } = people
  const insert = (table: string, columns: string, values: string, where = 'true') =>
    writer.run(`${numbers} insert into ${table} (${columns}) select ${values} from n where ${where}`)
  insert(
    'device',
    'id, userId, incarnation, createdAt, lastSeenAt, cursor, skewMs, oldestPendingAt',
    `${idOf(OTHER)}, '${agent}', 1, 1, ${at}, 1, 0, iif(i % 100 = 0, ${at} - 1000, null)`,
    `i <= ${size.people}`,
  )
  const device = idOf(OTHER, '1')
  insert(
    'receipt',
    'id, name, actorId, deviceId, subjectId, input, outcome, waitsFor, effectiveAt, recordedAt, clockSuspect, claimedAt',
    `${idOf(RECEIPT)}, 'comment.add', '${agent}', ${device}, ${idOf(TICKET)}, iif(i % 1000 = 0, '{}', null),
      iif(i % 1000 = 0, 'parked', 'applied'), null, ${at}, ${at}, 0, iif(i % 1000 = 1, 1, null)`,
  )
  insert(
    'notification',
    'id, userId, type, ticketId, payload, createdAt, readAt',
    `'n' || i, '${agent}', 'assigned', '${ticketId}', '{}', ${at}, iif(i < 50, null, 1)`,
  )
  writer.run(
    `${numbers} insert into audit (number, at, type, actorId, subject, subjectId, address, payload, hash)
      select (select max(number) from audit) + i, ${at}, 'session-started', '${admin}', 'user', '${admin}', '10.0.0.1', '{}', '' from n`,
  )
  insert(
    'outbox',
    'id, kind, payload, createdAt, attempts, nextAttemptAt, sentAt, setAside',
    `'o' || i, 'mail', '{"to":"a@example.com","letter":"welcome"}', ${at}, 1, ${at}, iif(i % 100 < 98, 1, null), iif(i % 100 = 98, 'rejected', null)`,
  )
  insert(
    'invitation',
    'id, email, role, departments, needsApproval, tokenHash, createdAt, expiresAt',
    `'i' || i, i || '@example.net', 'requester', '[]', 0, 'h' || i, ${at}, ${now()} + i`,
    `i <= ${size.people}`,
  )
  insert('customRole', 'id, name, base, grants, createdAt', `'c' || i, 'Role ' || i, 'agent', '{}', 1`, 'i <= 3')
  insert(
    'recovery',
    'serverStart, deviceId, userId, since, offered, recovered, parked, refused, beganAt',
    `i, ${device}, '${agent}', 0, 1, 1, 0, 0, i`,
    'i <= 3',
  )
  insert(
    'session',
    'id, userId, createdAt, expiresAt',
    `'s' || i, '${agent}', ${at}, ${now()} + i`,
    `i <= ${size.people}`,
  )
}

function copy(
  { db: { writer } }: App,
  table: string,
  {
    where,
    count,
    changed,
  }: { where: readonly [string, string]; count: number; changed: Readonly<Record<string, string>> },
): void {
  const columns = writer.rows<{ name: string }>(`select name from pragma_table_info('${table}')`, [])
  const names = columns.map(({ name }) => name)
  writer.run(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})
      insert into ${table} (${names.join()}) select ${names.map((name) => changed[name] ?? name).join()}
      from ${table}, n where ${where[0]} = ?`,
    [where[1]],
  )
}
