/** People who ask for more than they may: by fields that nobody offered, by the door of devices, by their own profile. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { callApi } from '../access/doors.ts'
import { contentOf, TRACES } from '../doors/database.ts'
import { exchangeByPost, exchangeWith, post } from '../doors/exchange.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'
import { BOB, hire } from '../accounts/second-step.ts'

it('takes no field of a person or ticket that nobody may choose', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = await world.person('ada', 'requester')
  const person = {
    name: 'Eve',
    email: 'eve@example.com',
    role: 'requester',
    status: 'disabled',
    scopeSeq: 9,
    passwordHash: 'x',
  }
  expect(await callApi(world.url, desk.token, 'accounts.createUser', person)).toBe('invalid')
  const people = world.app.read.selectFrom('user').select('id').where('email', '=', person.email)
  expect(await people.execute()).toEqual([])

  const ticketId = v7()
  const wish = { number: 'TKT-9999', status: 'closed', assigneeId: ada.id, rev: 7, createdAt: 0, resolution: 'x' }
  const wished = Object.entries(wish).map(([field, value]) => ({ ticketId, title: 'Printer', [field]: value }))
  for (const each of wished) expect(await callApi(world.url, ada.token, 'tickets.create', each)).toBe('invalid')
  await expect(desk.api.tickets.get.query({ ticketId })).rejects.toMatchObject({ data: { code: 'not-found' } })
})

it('signs nobody in as somebody else, whatever else the request says', async () => {
  await using world = await startWorld()
  const bob = await hire(world)
  const desk = await world.desk()
  const body = JSON.stringify({ ...BOB, userId: desk.id, role: 'admin', actorId: desk.id })
  const headers = { 'content-type': 'application/json', 'x-user-id': desk.id, 'x-role': 'admin' }
  const answer = await fetch(`${world.url}/trpc/accounts.logIn`, { method: 'POST', headers, body })
  expect(await answer.json()).toMatchObject({ result: { data: { output: { userId: bob.id } } } })
})

it.each(['requester', 'agent', 'supervisor'] as const)('lets nobody raise themselves: %s', async (role) => {
  await using world = await startWorld()
  const eve = await world.person('eve', role)
  const { accounts } = eve.api
  expect(await codeOf(accounts.setRole.mutate({ userId: eve.id, role: 'admin' }))).toBe('forbidden')
  expect(await codeOf(accounts.setDepartments.mutate({ userId: eve.id, departments: [] }))).toBe('forbidden')
  const friend = { name: 'Friend', email: 'friend@example.com', role: 'admin' as const }
  expect(await codeOf(accounts.createUser.mutate(friend))).toBe('forbidden')
  expect(await codeOf(accounts.mfa.require.mutate({ role: 'admin', graceDays: null }))).toBe('forbidden')
  const organisation = 'Acme'
  expect(await codeOf(accounts.setOrganisation.mutate({ userId: eve.id, organisation }))).toBe('forbidden')
  for (const wish of [
    { role: 'admin' },
    { status: 'active' },
    { email: 'admin@example.com' },
    { departments: [] },
    { organisation },
  ]) {
    expect(await callApi(world.url, eve.token, 'accounts.editProfile', { name: 'Eve', ...wish })).toBe('invalid')
  }
  const grants = { 'ticket.assign': ['any' as const] }
  expect(await codeOf(accounts.roles.create.mutate({ name: 'Mine', base: 'agent', grants }))).toBe('forbidden')
  const { roles } = (await world.desk()).api.accounts
  const { customRoleId } = (await roles.create.mutate({ name: 'Dispatcher', base: 'agent', grants })).output
  expect(await codeOf(accounts.setRole.mutate({ userId: eve.id, customRoleId }))).toBe('forbidden')
  expect(await codeOf(accounts.roles.edit.mutate({ customRoleId, grants: {} }))).toBe('forbidden')
  expect(await codeOf(accounts.roles.remove.mutate({ customRoleId }))).toBe('forbidden')
  expect(await callApi(world.url, eve.token, 'accounts.editProfile', { customRoleId })).toBe('invalid')
  expect(await accounts.me.query()).toMatchObject({ name: 'eve', role, customRole: null, organisation: null })
})

it('gives nobody more than the giver has: an administrator with less cannot get the rest', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { roles, setRole } = desk.api.accounts
  const cells = { 'audit.read': [], 'ticket.assign': ['department' as const] }
  const { customRoleId } = (await roles.create.mutate({ name: 'Registrar', base: 'admin', grants: cells })).output
  const { customRoleId: wide } = (await roles.create.mutate({ name: 'Wide', base: 'admin', grants: {} })).output
  const [eve, ada] = [await world.person('eve', 'admin'), await world.person('ada', 'agent')]
  await setRole.mutate({ userId: eve.id, customRoleId })

  const { accounts, invitations } = eve.api
  const [name, email] = ['Friend', 'friend@example.com']
  for (const attempt of [
    accounts.setRole.mutate({ userId: eve.id, role: 'admin' }),
    accounts.setRole.mutate({ userId: ada.id, role: 'admin' }),
    accounts.setRole.mutate({ userId: ada.id, customRoleId: wide }),
    accounts.setRole.mutate({ userId: desk.id, role: 'agent' }),
    accounts.disable.mutate({ userId: desk.id }),
    accounts.mfa.reset.mutate({ userId: desk.id }),
    accounts.roles.edit.mutate({ customRoleId, grants: {} }),
    accounts.roles.edit.mutate({ customRoleId: wide, grants: cells }),
    accounts.roles.remove.mutate({ customRoleId: wide }),
    accounts.roles.create.mutate({ name: 'Other', base: 'admin', grants: { 'audit.read': ['any'] } }),
    accounts.roles.create.mutate({ name: 'Other', base: 'agent', grants: { 'ticket.assign': ['any'] } }),
    accounts.createUser.mutate({ name, email, role: 'admin' }),
    invitations.create.mutate({ email, role: 'admin' }),
  ]) {
    expect(await codeOf(attempt)).toBe('forbidden')
  }
  expect(await codeOf(accounts.setRole.mutate({ userId: ada.id, role: 'supervisor' }))).toBe('done')
  expect(await codeOf(accounts.roles.create.mutate({ name: 'Other', base: 'admin', grants: cells }))).toBe('done')
})

it('lets a supervisor move people among the departments they decide about, and no further', async () => {
  await using world = await startWorld()
  const { accounts } = (await world.desk()).api
  const [support, lab, depot] = await Promise.all(['support', 'lab', 'depot'].map(world.department))
  const ids = (...some: (string | undefined)[]) => some.flatMap((id) => id ?? [])
  const sue = await world.person('sue', 'supervisor', ['support', 'lab'])
  const ada = await world.person('ada', 'agent', ['support', 'depot'])
  const set = (userId: string, departments: string[]) =>
    codeOf(sue.api.accounts.setDepartments.mutate({ userId, departments }))
  expect(await set(ada.id, ids(support, lab, depot))).toBe('done')
  expect(await set(ada.id, ids(lab, depot))).toBe('done')
  expect(await ada.api.accounts.me.query()).toMatchObject({ departments: expect.arrayContaining(ids(lab, depot)) })
  expect(await set(ada.id, ids(lab))).toBe('forbidden')
  expect(await set(sue.id, ids(support))).toBe('forbidden')
  expect(await set((await world.person('eve', 'agent', ['depot'])).id, ids(depot, lab))).toBe('forbidden')
  expect(await set((await world.person('adam', 'admin', ['lab'])).id, [])).toBe('forbidden')

  const hal = await world.person('hal', 'supervisor', ['lab'])
  await accounts.setHead.mutate({ userId: hal.id, departmentId: lab ?? '', isHead: true })
  expect(await set(ada.id, ids(lab, depot, support))).toBe('forbidden')
  expect(await codeOf(hal.api.accounts.setDepartments.mutate({ userId: ada.id, departments: ids(depot) }))).toBe('done')
  const { entries } = await (
    await world.desk()
  ).api.audit.list.query({ subjectId: ada.id, type: 'user-rights-changed' })
  expect(entries.map(({ actorId }) => actorId)).toEqual([hal.id, sue.id, sue.id])
})

it('does no command by the door of devices but those of devices', async () => {
  await using world = await startWorld()
  const eve = await world.person('eve', 'agent')
  const names = [
    'user.set-role',
    'user.create',
    'session.start',
    'session.revoke-all',
    'second-step.reset',
    'setup.finish',
  ]
  const before = await contentOf(world.app, TRACES)
  const input = { userId: eve.id, role: 'admin', actorId: 'system' }
  const { verdicts } = await exchangeByPost(
    world.url,
    eve.token,
    names.map((name) => ({ name, input })),
  )
  expect(verdicts.map(({ code }) => code)).toEqual(names.map(() => 'unknown-command'))
  expect(await contentOf(world.app, TRACES)).toEqual(before)
})

it('believes no frame about who sent it', async () => {
  await using world = await startWorld()
  const [eve, ada] = [await world.person('eve', 'requester'), await world.person('ada', 'agent')]
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const [command] = exchangeWith([{ name: 'ticket.resolve', input: { ticketId, resolution: 'Done' } }]).commands
  const claims = { actorId: ada.id, actor: { id: ada.id, role: 'admin' }, userId: ada.id, approver: ada.id }
  const frame = { ...exchangeWith([]), ...claims, commands: [{ ...command, ...claims }] }
  const answer = (await (await post(world.url, eve.token, JSON.stringify(frame))).json()) as { verdicts: object[] }
  expect(answer.verdicts).toMatchObject([{ outcome: 'refused', code: 'not-found' }])
  expect(await ada.api.tickets.get.query({ ticketId })).toMatchObject({ status: 'open' })
})
