/** Inviting people: who may invite whom, and what a link is good for. */
import { expect, it } from 'vitest'
import type { Role } from '@rejoin/shared/access/access.ts'
import { startMailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'

const PASSWORD = 'correct horse battery'
const NED = 'ned@example.org'
const DAY = 24 * 3_600_000

it('makes whoever opens the link what the inviter said, with a password of their own', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const departments = [await office.world.department('support')]
  const sent = await api.invitations.create.mutate({ email: NED, role: 'agent', departments })
  await office.deliver()
  const letter = office.post.received.at(-1)
  expect(letter).toMatchObject({ to: [NED], email: { subject: 'Invitation to create an account' } })
  expect(letter?.email.text).toContain('office invites you')
  const token = office.tokenFor(NED)
  expect(token, 'where there is no mail, the inviter hands over the link').toBe(sent.output.token)
  expect(await api.invitations.list.query()).toMatchObject([{ email: NED, role: 'agent', departments }])

  const { accept, verify } = office.anonymous.invitations
  expect(await verify.query({ token })).toMatchObject({ email: NED, role: 'agent' })
  expect(await codeOf(accept.mutate({ token, name: 'Ned', password: 'password123' }))).toBe('invalid')
  await accept.mutate({ token, name: 'Ned', password: PASSWORD })
  expect(await codeOf(accept.mutate({ token, name: 'Eve', password: PASSWORD }))).toBe('bad-link')
  expect(await api.invitations.list.query()).toEqual([])
  const ned = await office.signIn(NED, PASSWORD)
  expect(await ned.accounts.me.query()).toMatchObject({ name: 'Ned', email: NED, role: 'agent', departments })
})

it.each([
  ['admin', 'admin', 'depot', 'done'],
  ['supervisor', 'agent', 'support', 'done'],
  ['supervisor', 'supervisor', 'support', 'done'],
  ['supervisor', 'requester', null, 'done'],
  ['supervisor', 'agent', 'depot', 'forbidden'],
  ['supervisor', 'admin', null, 'forbidden'],
  ['agent', 'requester', null, 'forbidden'],
  ['requester', 'requester', null, 'forbidden'],
] as const)('answers a %s who invites a %s into %s: %s', async (inviter, role, place, code) => {
  await using office = await startMailedWorld()
  const { api } = await office.world.person('ina', inviter)
  const departments = place === null ? [] : [await office.world.department(place)]
  expect(await codeOf(api.invitations.create.mutate({ email: NED, role, departments }))).toBe(code)
  const open = await (await office.world.desk()).api.invitations.list.query()
  expect(open).toHaveLength(code === 'done' ? 1 : 0)
})

it.each([
  { what: 'who was disabled meanwhile', change: 'disable' },
  { what: 'who became an agent meanwhile', change: 'agent' },
])('is worth nothing from somebody $what', async ({ change }) => {
  await using office = await startMailedWorld()
  const sue = await office.world.person('sue', 'supervisor')
  const { output } = await sue.api.invitations.create.mutate({ email: NED, role: 'supervisor' })
  const { api } = await office.world.desk()
  if (change === 'disable') await api.accounts.disable.mutate({ userId: sue.id })
  else await api.accounts.setRole.mutate({ userId: sue.id, role: change as Role })
  const joining = { token: output.token, name: 'Ned', password: PASSWORD }
  expect(await codeOf(office.anonymous.invitations.accept.mutate(joining))).toBe('bad-link')
})

it('invites into a custom role, for whoever has all of it, until the role is removed', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const { create, remove } = api.accounts.roles
  const makeRole = async (name: string) =>
    (await create.mutate({ name, base: 'agent', grants: { 'ticket.read': ['any'] } })).output.customRoleId
  const customRoleId = await makeRole('Dispatcher')
  const departments = [await office.world.department('support')]
  const sue = await office.world.person('sue', 'supervisor')
  const invited = { email: NED, customRoleId, departments }
  expect(await codeOf(sue.api.invitations.create.mutate(invited)), 'she may not read all').toBe('forbidden')
  expect(await codeOf(api.invitations.create.mutate({ ...invited, role: 'agent' }))).toBe('invalid')

  const { output } = await api.invitations.create.mutate(invited)
  const listed = { email: NED, role: 'agent', customRoleId, customRoleName: 'Dispatcher' }
  expect(await api.invitations.list.query()).toMatchObject([listed])
  const { accept, verify } = office.anonymous.invitations
  await accept.mutate({ token: output.token, name: 'Ned', password: PASSWORD })
  const ned = await office.signIn(NED, PASSWORD)
  expect(await ned.accounts.me.query()).toMatchObject({
    role: 'agent',
    customRole: { name: 'Dispatcher' },
    departments,
  })

  const other = await makeRole('Observer')
  const { token } = (await api.invitations.create.mutate({ email: 'ola@example.org', customRoleId: other })).output
  await remove.mutate({ customRoleId: other })
  expect(await verify.query({ token })).toBeNull()
  expect(await api.invitations.list.query()).toEqual([])
})

it('runs out after the days that the inviter gave it', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const { output } = await api.invitations.create.mutate({ email: NED, role: 'requester', days: 2 })
  const { verify } = office.anonymous.invitations
  const endsAt = office.world.clock.now() + 2 * DAY
  // One that has not gone out by then would get its days anew.
  await office.deliver()
  await office.world.advance(endsAt - 1000 - office.world.clock.now())
  expect(await verify.query({ token: output.token })).not.toBeNull()
  await office.world.advance(1000)
  expect(await verify.query({ token: output.token })).toBeNull()
  expect(await api.invitations.list.query()).toEqual([])
})

it('can be taken back, by whoever could have made it', async () => {
  await using office = await startMailedWorld()
  const { world } = office
  const { api } = await world.desk()
  const departments = [await world.department('support')]
  const { output } = await api.invitations.create.mutate({ email: NED, role: 'agent', departments })
  const { invitationId, token } = output
  const sam = await world.person('sam', 'supervisor', ['depot'])
  const sue = await world.person('sue', 'supervisor')
  expect(await sam.api.invitations.list.query()).toEqual([])
  expect(await codeOf(sam.api.invitations.revoke.mutate({ invitationId }))).toBe('forbidden')
  expect(await codeOf(sue.api.invitations.revoke.mutate({ invitationId }))).toBe('done')
  expect(await codeOf(sue.api.invitations.revoke.mutate({ invitationId }))).toBe('not-found')
  const joining = { token, name: 'Ned', password: PASSWORD }
  expect(await codeOf(office.anonymous.invitations.accept.mutate(joining))).toBe('bad-link')
})

it('sends no letter of an invitation that was taken back or replaced before it went out', async () => {
  await using office = await startMailedWorld()
  const { world, post } = office
  const { api } = await world.desk()
  const invite = async (email: string) => (await api.invitations.create.mutate({ email, role: 'requester' })).output
  post.refuse('sender', 421)
  const { invitationId } = await invite(NED)
  await invite('ola@example.org')
  await office.deliver()
  expect((await api.mail.waiting.query()).map(({ to }) => to)).toEqual([NED, 'ola@example.org'])
  await api.invitations.revoke.mutate({ invitationId })
  await invite('ola@example.org')
  post.relent()
  for (let times = 0; times < 3; times += 1) await office.deliver()
  expect(office.subjectsTo(NED)).toEqual([])
  expect(office.subjectsTo('ola@example.org')).toHaveLength(1)
  const { verify } = office.anonymous.invitations
  expect(await verify.query({ token: office.tokenFor('ola@example.org') })).not.toBeNull()
  expect([await api.mail.waiting.query(), await api.mail.failed.query()]).toEqual([[], []])
})

it('invites nobody who has a password, and replaces an earlier invitation', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const olga = { email: 'olga@example.com', role: 'admin', name: 'Olga', password: PASSWORD } as const
  await api.accounts.createUser.mutate(olga)
  const again = { email: 'OLGA@example.com', role: 'admin' } as const
  expect(await codeOf(api.invitations.create.mutate(again))).toBe('conflict')
  const first = await api.invitations.create.mutate({ email: NED, role: 'agent' })
  const second = await api.invitations.create.mutate({ email: NED, role: 'requester' })
  const { verify } = office.anonymous.invitations
  expect(await verify.query({ token: first.output.token })).toBeNull()
  expect(await verify.query({ token: second.output.token })).toMatchObject({ role: 'requester' })
})

it('keeps no token of an invitation once its letter is gone', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const { output } = await api.invitations.create.mutate({ email: NED, role: 'agent' })
  await office.deliver()
  const { read } = office.world.app
  const tables = ['invitation', 'outbox', 'event', 'audit', 'receipt'] as const
  const kept = await Promise.all(tables.map((table) => read.selectFrom(table).selectAll().execute()))
  expect(JSON.stringify(kept)).not.toContain(output.token)
})
