/** What people may do, changed: their role, their departments, and whether they may do anything at all. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { RawEditor } from '../doors/editor.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until, type World } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'

/** Somebody who signs in with a password, so that they can do so again. */
async function hire(world: World, name: string) {
  const { api } = await world.desk()
  const user = { name, email: `${name}@example.com`, role: 'agent', password: PASSWORD } as const
  const { output } = await api.accounts.createUser.mutate({ ...user, departments: [await world.department('support')] })
  const logIn = () => connectApi(world.url).accounts.logIn.mutate({ email: user.email, password: PASSWORD })
  return { id: output.userId, logIn }
}

async function eventsOf(world: World, userId: string) {
  const select = world.app.read.selectFrom('event').select(['type', 'actorId', 'payload'])
  const rows = await select.where('subjectId', '=', userId).orderBy('id').execute()
  return rows.map(({ type, actorId, payload }) => ({ type, actorId, payload: JSON.parse(payload) as unknown }))
}

it('changes a role, in force with the next request', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = await world.person('ada', 'agent')
  const elsewhere = await world.ticket({ departmentId: await world.department('elsewhere') })
  expect(await codeOf(ada.api.tickets.get.query({ ticketId: elsewhere.id }))).toBe('not-found')
  await desk.api.accounts.setRole.mutate({ userId: ada.id, role: 'admin' })
  expect(await codeOf(ada.api.tickets.get.query({ ticketId: elsewhere.id }))).toBe('done')
  const support = await world.department('support')
  const departments = [support]
  expect((await eventsOf(world, ada.id)).at(-1)).toEqual({
    type: 'user-rights-changed',
    actorId: desk.id,
    payload: { from: { role: 'agent', departments }, to: { role: 'admin', departments } },
  })
})

it('changes departments: the old ones are lost, the new ones seen', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = await world.person('ada', 'agent')
  const here = await world.ticket()
  const lab = await world.department('lab')
  const there = await world.ticket({ departmentId: lab })
  await desk.api.accounts.setDepartments.mutate({ userId: ada.id, departments: [lab, lab] })
  expect(await ada.api.accounts.me.query()).toMatchObject({ departments: [lab] })
  expect(await codeOf(ada.api.tickets.get.query({ ticketId: here.id }))).toBe('not-found')
  expect(await codeOf(ada.api.tickets.get.query({ ticketId: there.id }))).toBe('done')
})

it('says so when there is nothing to change, and records nothing', async () => {
  await using world = await startWorld()
  const { accounts } = (await world.desk()).api
  const { id: userId } = await world.person('ada', 'agent')
  const departments = [await world.department('support')]
  const before = await eventsOf(world, userId)
  expect(await accounts.setRole.mutate({ userId, role: 'agent' })).toMatchObject({ code: 'already-done' })
  expect(await accounts.setDepartments.mutate({ userId, departments })).toMatchObject({ code: 'already-done' })
  expect(await accounts.enable.mutate({ userId })).toMatchObject({ code: 'already-done' })
  expect(await eventsOf(world, userId)).toEqual(before)
})

it.each(['setRole', 'setDepartments', 'disable', 'enable'] as const)('names what is wrong with %s', async (name) => {
  await using world = await startWorld()
  const { accounts } = (await world.desk()).api
  const call = (userId: string) => {
    if (name === 'setRole') return accounts.setRole.mutate({ userId, role: 'agent' })
    if (name === 'setDepartments') return accounts.setDepartments.mutate({ userId, departments: [] })
    return accounts[name].mutate({ userId })
  }
  expect(await codeOf(call(v7()))).toBe('not-found')
  expect(await codeOf(call('ada'))).toBe('invalid')
})

it('does not put anybody into a department that is not there', async () => {
  await using world = await startWorld()
  const { accounts } = (await world.desk()).api
  const ada = await world.person('ada', 'agent')
  expect(await codeOf(accounts.setDepartments.mutate({ userId: ada.id, departments: [v7()] }))).toBe('not-found')
  expect(await ada.api.accounts.me.query()).toMatchObject({ departments: [await world.department('support')] })
})

it('keeps an administrator: the last active one neither goes nor becomes less', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { accounts } = desk.api
  const eve = await world.person('eve', 'admin')
  await accounts.disable.mutate({ userId: eve.id })
  expect(await codeOf(accounts.setRole.mutate({ userId: desk.id, role: 'supervisor' }))).toBe('last-admin')
  expect(await codeOf(accounts.disable.mutate({ userId: desk.id }))).toBe('last-admin')
  await accounts.enable.mutate({ userId: eve.id })
  expect(await codeOf(accounts.setRole.mutate({ userId: desk.id, role: 'supervisor' }))).toBe('done')
})

it('gives the open tickets of whoever is disabled back to their queues, and leaves the done ones theirs', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = await world.person('ada', 'agent')
  const open = await world.ticket({ assignee: ada })
  const done = await world.ticket({ assignee: ada })
  await ada.api.tickets.resolve.mutate({ ticketId: done.id, resolution: 'New fuser' })
  await desk.api.accounts.disable.mutate({ userId: ada.id })
  const assigneeOf = async ({ id }: { id: string }) => (await desk.api.tickets.get.query({ ticketId: id })).assigneeId
  expect([await assigneeOf(open), await assigneeOf(done)]).toEqual([null, ada.id])
  const history = await desk.api.tickets.history.query({ ticketId: open.id })
  expect(history.at(-1)).toMatchObject({ type: 'ticket-unassigned', actorId: desk.id, payload: { from: ada.id } })
})

it('takes tickets from whoever becomes a requester, and leaves them with whoever changes departments', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const assignee = async () => (await desk.api.tickets.get.query({ ticketId })).assigneeId
  await desk.api.accounts.setDepartments.mutate({ userId: ada.id, departments: [] })
  expect(await assignee()).toBe(ada.id)
  await desk.api.accounts.setRole.mutate({ userId: ada.id, role: 'supervisor' })
  expect(await assignee()).toBe(ada.id)
  await desk.api.accounts.setRole.mutate({ userId: ada.id, role: 'requester' })
  expect(await assignee()).toBeNull()
})

it('ends every session of whoever is disabled, for good; enabled again, they sign in anew', async () => {
  await using world = await startWorld()
  const { accounts } = (await world.desk()).api
  const ada = await hire(world, 'ada')
  const { token } = (await ada.logIn()).output
  const me = (of: string) => codeOf(connectApi(world.url, of).accounts.me.query())
  expect(await me(token)).toBe('done')
  await accounts.disable.mutate({ userId: ada.id })
  expect(await me(token)).toBe('unauthenticated')
  expect(await codeOf(ada.logIn())).toBe('wrong-credentials')
  await accounts.enable.mutate({ userId: ada.id })
  expect(await me(token)).toBe('unauthenticated')
  expect(await me((await ada.logIn()).output.token)).toBe('done')
})

it('hangs up at both doors on whoever is disabled, at once', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  const editor = await RawEditor.open(world.url, id, ada.person.token)
  await desk.api.accounts.disable.mutate({ userId: ada.person.id })
  expect(await editor.socket.end()).toEqual({ code: 4401, reason: expect.stringContaining('account-disabled') })
  await until(ada, () => ada.state === 'signed-out')
  expect(ada.problem).toMatchObject({ code: 'account-disabled' })
})

it('closes the editor of whoever may not see its ticket any more, at once', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket()
  const editor = await RawEditor.open(world.url, id, ada.token)
  expect(editor.closed).toBeNull()
  await desk.api.accounts.setDepartments.mutate({ userId: ada.id, departments: [] })
  expect(await editor.socket.end()).toEqual({ code: 4403, reason: expect.stringContaining('not-found') })
})
