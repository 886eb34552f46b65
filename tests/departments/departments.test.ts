/** Departments are renamed and disabled; where a ticket without one goes is a setting. What devices bring is not lost. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'

async function departmentOf(world: World, ticketId: string): Promise<string | null> {
  const rows = await world.app.read.selectFrom('ticket').select('departmentId').where('id', '=', ticketId).execute()
  return rows[0]?.departmentId ?? null
}

it('takes another name, unless another department reads the same', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const sue = await world.person('sue', 'supervisor')
  const [support, lab] = [await world.department('support'), await world.department('Ärzte')]
  const { rename, create, list } = desk.api.departments
  expect(await codeOf(sue.api.departments.rename.mutate({ departmentId: support, name: 'Help' }))).toBe('forbidden')
  for (const name of ['ÄRZTE', 'A\u0308rzte', ' ärzte ']) {
    const codes = [await codeOf(rename.mutate({ departmentId: support, name })), await codeOf(create.mutate({ name }))]
    expect({ name, codes }).toEqual({ name, codes: ['conflict', 'conflict'] })
  }
  expect(await rename.mutate({ departmentId: lab, name: 'ÄRZTE' }), 'its own').toMatchObject({ outcome: 'applied' })
  expect(await rename.mutate({ departmentId: support, name: 'Help Desk' })).toMatchObject({ outcome: 'applied' })
  expect(await rename.mutate({ departmentId: support, name: 'Help Desk' })).toMatchObject({ outcome: 'adjusted' })
  expect((await list.query()).map(({ id, name }) => [id, name])).toEqual([
    [support, 'Help Desk'],
    [lab, 'ÄRZTE'],
  ])
  const csv = 'name,email,role,departments\nAl,al@example.com,agent,Help Desk\nBo,bo@example.com,agent,support'
  const { lines } = (await desk.api.accounts.importPeople.mutate({ csv })).output
  expect(lines.map(({ outcome }) => outcome)).toEqual(['added', 'left-out'])
  const { entries } = await desk.api.audit.list.query({ type: 'department-renamed' })
  expect(entries[0]).toMatchObject({ actorId: desk.id, payload: { from: 'support', to: 'Help Desk' } })
})

it('takes no new tickets and no new members at any door while it is disabled, and says so', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const [support, lab] = [await world.department('support'), await world.department('lab')]
  const bob = await world.person('bob', 'agent')
  const { id: ticketId } = await world.ticket()
  await api.accounts.setRegistration.mutate({ policy: 'open' })
  const { register, registrationForm } = connectApi(world.url).accounts
  const calls = {
    'a ticket': () => api.tickets.create.mutate({ ticketId: v7(), title: 'A', departmentId: lab }),
    'a ticket that moves': async () => {
      await api.tickets.move.mutate({ ticketId, departmentId: lab })
      await api.tickets.move.mutate({ ticketId, departmentId: support })
    },
    'a new person': () =>
      api.accounts.createUser.mutate({ name: 'X', email: `${v7()}@example.com`, role: 'agent', departments: [lab] }),
    'an invitation': () => api.invitations.create.mutate({ email: 'x@example.org', role: 'agent', departments: [lab] }),
    'a registration': () => register.mutate({ email: 'y@example.org', role: 'agent', departmentId: lab }),
    'a member': async () => {
      await api.accounts.setDepartments.mutate({ userId: bob.id, departments: [support, lab] })
      await api.accounts.setDepartments.mutate({ userId: bob.id, departments: [support] })
    },
    'where tickets go': async () => {
      await api.workspace.edit.mutate({ name: 'W', zone: 'UTC', defaultDepartmentId: lab })
      await api.workspace.edit.mutate({ defaultDepartmentId: support })
    },
  }
  const answers = async () => {
    const codes: Record<string, string> = {}
    for (const [what, call] of Object.entries(calls)) codes[what] = await codeOf(call())
    return codes
  }
  const all = (code: string) => Object.fromEntries(Object.keys(calls).map((what) => [what, code]))
  await api.departments.disable.mutate({ departmentId: lab })
  expect(await answers()).toEqual(all('department-disabled'))
  const csv = 'name,email,role,departments\nAl,al@example.com,agent,lab'
  expect((await api.accounts.importPeople.mutate({ csv })).output.lines).toMatchObject([
    { outcome: 'left-out', message: 'departments: lab is disabled and accepts no new members.' },
  ])
  const offered = async () => (await registrationForm.query()).departments.map(({ name }) => name)
  expect(await offered()).toEqual(['support'])
  expect(await api.departments.list.query()).toMatchObject([
    { name: 'lab', disabledAt: expect.any(Number) as number },
    { name: 'support', disabledAt: null },
  ])
  await api.departments.enable.mutate({ departmentId: lab })
  expect(await answers()).toEqual(all('done'))
  expect(await offered()).toEqual(['lab', 'support'])
})

it('keeps its tickets and members while it is disabled: they work on, finish and move what is there', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await world.department('support')
  const lab = await world.department('lab')
  const lee = await world.device(await world.person('lee', 'agent', ['lab']))
  const [one, two, three] = await Promise.all(
    ['One', 'Two', 'Three'].map((title) => world.ticket({ title, departmentId: lab })),
  )
  const ned = { email: 'ned@example.org', role: 'agent' } as const
  const { token } = (await api.invitations.create.mutate({ ...ned, departments: [lab] })).output
  const { output } = await api.departments.disable.mutate({ departmentId: lab })
  expect(output).toEqual({ openTickets: 3, policies: [] })
  await lee.rejoin()
  const carried = [one, two, three].map((each) => lee.view(each?.id ?? '')?.title)
  expect(carried).toEqual(['One', 'Two', 'Three'])
  await lee.tickets.claim({ ticketId: one?.id ?? '' })
  await lee.tickets.resolve({ ticketId: one?.id ?? '', resolution: 'Done' })
  await lee.tickets.reopen({ ticketId: one?.id ?? '' })
  await lee.settled()
  expect(lee.verdicts().map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied'])
  await api.tickets.move.mutate({ ticketId: two?.id ?? '', departmentId: await world.department('support') })
  await api.tickets.cancel.mutate({ ticketId: three?.id ?? '' })
  const joining = { token, name: 'Ned', password: PASSWORD }
  expect(await codeOf(connectApi(world.url).invitations.accept.mutate(joining)), 'was asked in before').toBe('done')
})

it('loses nothing that was under way: a new ticket goes where tickets go, a move waits for a person', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const [support, lab] = [await world.department('support'), await world.department('lab')]
  const sue = await world.person('sue', 'supervisor')
  const lee = await world.device(await world.person('lee', 'agent', ['lab']))
  const bob = await world.device(await world.person('bob', 'agent'))
  const ticket = await world.ticket({ assignee: bob.person })
  await world.converge()
  lee.disconnect()
  bob.disconnect()
  const { ticketId: made } = await lee.tickets.create({ title: 'Made in the field', departmentId: lab })
  await lee.tickets.comment({ ticketId: made, body: 'It leaks' })
  const { ticketId: own } = await lee.tickets.create({ title: 'Without a department' })
  await bob.tickets.move({ ticketId: ticket.id, departmentId: lab })
  await bob.tickets.comment({ ticketId: ticket.id, body: 'For the lab' })
  await api.departments.disable.mutate({ departmentId: lab })
  await lee.rejoin()
  await bob.rejoin()

  expect(lee.verdicts().map(({ name, outcome, code }) => [name, outcome, code])).toEqual([
    ['ticket.create', 'adjusted', 'other-department'],
    ['comment.add', 'applied', undefined],
    ['ticket.create', 'applied', undefined],
  ])
  expect(lee.verdicts()[0]?.message).toBe('lab is disabled and takes no new tickets: this one is in support.')
  expect([await departmentOf(world, made), await departmentOf(world, own)]).toEqual([support, support])
  expect((await sue.api.tickets.get.query({ ticketId: made })).comments).toMatchObject([{ body: 'It leaks' }])

  expect(bob.verdicts().map(({ name, outcome, code }) => [name, outcome, code])).toEqual([
    ['ticket.move', 'parked', 'department-disabled'],
    ['comment.add', 'applied', undefined],
  ])
  const [parked] = await sue.api.parked.list.query()
  const approve = () => codeOf(sue.api.parked.approve.mutate({ commandId: parked?.id ?? '' }))
  expect(await approve(), 'the rule holds for them too').toBe('department-disabled')
  await api.departments.enable.mutate({ departmentId: lab })
  expect(await approve()).toBe('done')
  expect(await departmentOf(world, ticket.id)).toBe(lab)
})

it('sends a ticket without a department where the workspace says: to a department, or to administrators', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const rita = await world.person('rita', 'requester')
  const open = async () => {
    const ticketId = v7()
    await rita.api.tickets.create.mutate({ ticketId, title: 'Help' })
    return departmentOf(world, ticketId)
  }
  const say = (defaultDepartmentId: string | null | undefined) =>
    api.workspace.edit.mutate({
      name: 'Works',
      zone: 'UTC',
      ...(defaultDepartmentId !== undefined && { defaultDepartmentId }),
    })
  const support = await world.department('support')
  const lab = await world.department('lab')
  expect(await api.workspace.get.query(), 'the first is it until somebody says').toMatchObject({
    defaultDepartmentId: support,
  })
  expect(await open()).toBe(support)
  expect(await codeOf(api.departments.disable.mutate({ departmentId: support }))).toBe('conflict')
  await say(lab)
  await say(undefined)
  expect(await api.workspace.get.query()).toEqual({ name: 'Works', zone: 'UTC', defaultDepartmentId: lab })
  expect(await open()).toBe(lab)
  expect(await codeOf(api.departments.disable.mutate({ departmentId: support }))).toBe('done')
  expect([await codeOf(say(support)), await codeOf(say(v7()))]).toEqual(['department-disabled', 'not-found'])
  await say(null)
  await world.department('third')
  expect(await open()).toBeNull()
})
