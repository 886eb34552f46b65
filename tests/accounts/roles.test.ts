/** Roles of a workspace's own: made, changed, given and removed by administrators, and in force at once. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import type { GrantsInput } from '@rejoin/shared/access/custom-roles.ts'
import type { z } from 'zod'
import { callApi } from '../access/doors.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until, type Field, type World } from '../harness/world.ts'

type Cells = z.input<typeof GrantsInput>

const EYES: Cells = {
  'ticket.read': ['own', 'assigned', 'watched', 'department'],
  'ticket.read-internal': ['assigned', 'watched', 'department'],
  'ticket.replicate': ['assigned', 'watched', 'department'],
}

async function makeRole(world: World, grants: Cells, base: 'agent' | 'supervisor' | 'admin' = 'agent') {
  const { roles } = (await world.desk()).api.accounts
  const { output } = await roles.create.mutate({ name: `Role ${v7()}`, base, grants })
  return output.customRoleId
}

async function give(world: World, userId: string, customRoleId: string): Promise<void> {
  await (await world.desk()).api.accounts.setRole.mutate({ userId, customRoleId })
}

function verdictsOf(device: Field): string[] {
  return device.verdicts().map(({ name, outcome, code }) => [name, outcome, code].filter(Boolean).join(' '))
}

it('is made, given, listed with who has it, changed, and removed when nobody has it', async () => {
  await using world = await startWorld()
  const { accounts, audit } = (await world.desk()).api
  const ada = await world.person('ada', 'agent')
  const { output } = await accounts.roles.create.mutate({ name: 'Dispatcher', base: 'agent', grants: EYES })
  const { customRoleId } = output
  await accounts.setRole.mutate({ userId: ada.id, customRoleId })
  expect(await accounts.setRole.mutate({ userId: ada.id, customRoleId })).toMatchObject({ code: 'already-done' })
  expect(await accounts.roles.list.query()).toMatchObject([
    { id: customRoleId, name: 'Dispatcher', base: 'agent', grants: EYES, people: 1 },
  ])
  expect(await ada.api.accounts.me.query()).toMatchObject({ role: 'agent', customRole: { name: 'Dispatcher' } })
  expect(await accounts.people.query({ role: 'agent' })).toMatchObject([{ name: 'ada', customRole: 'Dispatcher' }])
  expect(await codeOf(accounts.roles.remove.mutate({ customRoleId }))).toBe('conflict')
  await accounts.roles.edit.mutate({ customRoleId, name: 'Desk' })
  expect(await accounts.roles.edit.mutate({ customRoleId, name: 'Desk' })).toMatchObject({ code: 'already-done' })
  await accounts.setRole.mutate({ userId: ada.id, role: 'agent' })
  await accounts.roles.remove.mutate({ customRoleId })
  expect(await accounts.roles.list.query()).toEqual([])
  const { entries } = await audit.list.query({ subjectId: customRoleId })
  expect(entries.map(({ type }) => type)).toEqual(['role-removed', 'role-edited', 'role-created'])
  expect(entries[1]?.payload).toMatchObject({ from: { name: 'Dispatcher' }, to: { name: 'Desk', grants: EYES } })
  const changes = await audit.list.query({ subjectId: ada.id, type: 'user-rights-changed' })
  expect(changes.entries.at(-1)?.payload).toMatchObject({
    from: { role: 'agent' },
    to: { role: 'agent', customRole: { name: 'Dispatcher', grants: EYES } },
  })
})

it.each<[string, object, string]>([
  ['an action that there is not', { grants: { 'ticket.paint': ['any'] } }, 'invalid'],
  ['a relation that there is not', { grants: { 'ticket.read': ['everybody'] } }, 'invalid'],
  ['a relation that no role has for the action', { grants: { 'ticket.edit': ['watched'] } }, 'invalid'],
  ['the accounts of others', { grants: { 'user.create': ['any'] } }, 'invalid'],
  ['custom roles', { grants: { 'role.manage': ['any'] } }, 'invalid'],
  ['more about accounts than the base', { grants: { 'user.approve': ['department'] } }, 'invalid'],
  ['a device that carries what its person may not read', { grants: { 'ticket.read-internal': [] } }, 'invalid'],
  ['work of staff for requesters', { base: 'requester', grants: { 'ticket.claim': ['queue'] } }, 'invalid'],
  ['the name of a built-in role', { name: 'Admin' }, 'invalid'],
  ['no name', { name: ' ' }, 'invalid'],
  ['a base that there is not', { base: 'god' }, 'invalid'],
  ['a field that there is not', { people: [] }, 'invalid'],
  ['a name that is taken', { name: 'TAKEN' }, 'conflict'],
])('is refused with %s', async (_what, wish, code) => {
  await using world = await startWorld()
  const { token, api } = await world.desk()
  await api.accounts.roles.create.mutate({ name: 'Taken', base: 'agent', grants: {} })
  const role = { name: 'Role', base: 'agent', grants: {}, ...wish }
  expect(await callApi(world.url, token, 'accounts.roles.create', role)).toBe(code)
  expect(await api.accounts.roles.list.query()).toHaveLength(1)
})

it('is found by its id, and either it or a built-in role is given', async () => {
  await using world = await startWorld()
  const { token, api } = await world.desk()
  const ada = await world.person('ada', 'agent')
  expect(await codeOf(api.accounts.setRole.mutate({ userId: ada.id, customRoleId: v7() }))).toBe('not-found')
  expect(await codeOf(api.accounts.roles.edit.mutate({ customRoleId: v7() }))).toBe('not-found')
  expect(await codeOf(api.accounts.roles.remove.mutate({ customRoleId: v7() }))).toBe('not-found')
  const both = { userId: ada.id, role: 'agent', customRoleId: await makeRole(world, {}) }
  expect(await callApi(world.url, token, 'accounts.setRole', both)).toBe('invalid')
  expect(await callApi(world.url, token, 'accounts.setRole', { userId: ada.id })).toBe('invalid')
})

it('moves what a device carries when it is given, changed and taken, at once and after an absence', async () => {
  await using world = await startWorld()
  const [ada, bob, cyd] = await world.agents('ada', 'bob', 'cyd')
  const { roles, setRole } = (await world.desk()).api.accounts
  const [theirs, queued] = [await world.ticket({ assignee: bob.person }), await world.ticket()]
  await world.converge()
  for (const device of [ada, cyd]) expect(device.held()).toEqual([queued.id])
  const left: unknown[] = []
  ada.subscribe((change) => void (change.kind === 'left' && left.push(...change.tickets)))
  cyd.disconnect()

  const customRoleId = await makeRole(world, EYES)
  for (const { person } of [ada, cyd]) await give(world, person.id, customRoleId)
  await until(ada, () => ada.held().includes(theirs.id))
  expect(ada.actor).toMatchObject({ role: 'agent', customRole: { grants: EYES } })
  await roles.edit.mutate({ customRoleId, grants: { 'ticket.replicate': ['assigned'] } })
  await until(ada, () => ada.held().length === 0)
  expect(left).toHaveLength(2)
  expect(left).toEqual(
    expect.arrayContaining([theirs, queued].map(({ id }) => ({ ticketId: id, reason: 'access-lost' }))),
  )
  await cyd.rejoin()
  expect(cyd.held()).toEqual([])
  await setRole.mutate({ userId: ada.person.id, role: 'agent' })
  await until(ada, () => ada.held().includes(queued.id))
  expect(ada.held()).toEqual([queued.id])
  expect(ada.actor?.customRole).toBeUndefined()
})

it('predicts on the device what the role allows, and no more', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  await give(
    world,
    ada.person.id,
    await makeRole(world, { ...EYES, 'ticket.edit': ['department'], 'ticket.claim': [] }),
  )
  const { id } = await world.ticket({ assignee: bob.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.edit({ ticketId: id, set: { title: 'Scanner' } })
  await ada.tickets.claim({ ticketId: id })
  expect(ada.view(id)).toMatchObject({ title: 'Scanner', assigneeName: 'bob' })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual(['ticket.edit applied', 'ticket.claim refused forbidden'])
})

it('judges late work by the row of its time: what was allowed then parks, what was not is refused', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { accounts, parked } = (await world.desk()).api
  const customRoleId = await makeRole(world, { ...EYES, 'ticket.assign': ['department'] })
  await give(world, ada.person.id, customRoleId)
  const [{ id }, other] = [await world.ticket(), await world.ticket()]
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.assign({ ticketId: id, agentId: bob.person.id })
  await ada.tickets.move({ ticketId: other.id, departmentId: await world.department('lab') })
  await accounts.roles.edit.mutate({ customRoleId, grants: EYES })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual(['ticket.assign parked rights-changed', 'ticket.move refused forbidden'])
  const [waiting] = await parked.list.query()
  await parked.approve.mutate({ commandId: waiting?.id ?? '' })
  await ada.rejoin()
  expect(ada.view(id)).toMatchObject({ assigneeName: 'bob' })
})

it('tells a custom role that may decide of what is parked, and a supervisor who may not of nothing', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const [sue, eve] = [await world.person('sue', 'supervisor'), await world.person('eve', 'agent')]
  await give(world, sue.id, await makeRole(world, { 'parked.review': [] }, 'supervisor'))
  await give(world, eve.id, await makeRole(world, { ...EYES, 'parked.review': ['department'] }))
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await (await world.desk()).api.tickets.assign.mutate({ ticketId: id, agentId: bob.person.id })
  await bob.person.api.tickets.transition.mutate({ ticketId: id, to: 'in_progress' })
  await ada.rejoin()
  const told = async (api: typeof sue.api) => (await api.notifications.list.query()).map(({ type }) => type)
  expect([await told(sue.api), await told(eve.api)]).toEqual([[], ['command-parked']])
  expect(await codeOf(sue.api.parked.list.query())).toBe('done')
  const [waiting] = await eve.api.parked.list.query()
  expect(await codeOf(eve.api.parked.approve.mutate({ commandId: waiting?.id ?? '' }))).toBe('done')
})

it('counts as no administrator whom the workspace can rely on', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const eve = await world.person('eve', 'admin')
  await give(
    world,
    eve.id,
    await makeRole(world, { 'ticket.read': ['own'], 'ticket.read-internal': [], 'ticket.replicate': [] }, 'admin'),
  )
  expect(await codeOf(desk.api.accounts.setRole.mutate({ userId: desk.id, role: 'agent' }))).toBe('last-admin')
  expect(await codeOf(desk.api.accounts.disable.mutate({ userId: desk.id }))).toBe('last-admin')
})
