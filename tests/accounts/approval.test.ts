/** A newcomer who registered to work here waits until a supervisor of the department or an administrator decides. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { startMailedWorld, type MailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import type { Person } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const NED = 'ned@example.org'

/** Ned, who wants to be an agent of `support`, or a supervisor. */
async function newcomer(office: MailedWorld, role: 'agent' | 'supervisor' = 'agent', email = NED): Promise<string> {
  const { api } = await office.world.desk()
  await api.accounts.setRegistration.mutate({ policy: 'open' })
  const departmentId = await office.world.department('support')
  await office.anonymous.accounts.register.mutate({ email, role, departmentId })
  await office.deliver()
  const joining = { token: office.tokenFor(email), name: 'Ned', password: PASSWORD }
  const { output } = await office.anonymous.invitations.accept.mutate(joining)
  return output.userId
}

/** The notices that a person got, and about whom. */
async function noticesOf({ api }: Pick<Person, 'api'>): Promise<unknown[]> {
  return (await api.notifications.list.query()).map(({ type, payload }) => [type, payload['name']])
}

/** Somebody in a new session. */
async function again({ world }: MailedWorld, { id }: Person): Promise<Pick<Person, 'api'>> {
  return { api: connectApi(world.url, await world.newToken(id)) }
}

const ABOUT_NED = ['approval-needed', 'Ned']

it('tells the supervisors of the department, one of whom lets the newcomer in', async () => {
  await using office = await startMailedWorld()
  const { world } = office
  const sue = await world.person('sue', 'supervisor')
  const sam = await world.person('sam', 'supervisor', ['depot'])
  const ada = await world.person('ada', 'agent')
  const userId = await newcomer(office)
  expect(await noticesOf(sue)).toEqual([ABOUT_NED])
  expect(await noticesOf(sam)).toEqual([])
  expect(await noticesOf(ada)).toEqual([])
  const waiting = { id: userId, name: 'Ned', email: NED, role: 'agent', number: 'TEC-0005' }
  expect(await sue.api.accounts.pending.query()).toMatchObject([waiting])
  expect(await sam.api.accounts.pending.query()).toEqual([])

  for (const other of [sam, ada]) expect(await codeOf(other.api.accounts.approve.mutate({ userId }))).toBe('forbidden')
  await sue.api.accounts.approve.mutate({ userId })
  expect(await sue.api.accounts.pending.query()).toEqual([])
  const ned = await office.signIn(NED, PASSWORD)
  expect(await ned.accounts.me.query()).toMatchObject({
    role: 'agent',
    departments: [await world.department('support')],
  })
  expect(await ned.notifications.list.query()).toMatchObject([{ type: 'user-approved' }])
  await office.deliver()
  expect(office.subjectsTo(NED)).toEqual(['Confirm your email address', 'Your account is approved'])
})

it('does not let in whoever is rejected, and tells them why', async () => {
  await using office = await startMailedWorld()
  const sue = await office.world.person('sue', 'supervisor')
  const userId = await newcomer(office)
  await sue.api.accounts.reject.mutate({ userId, reason: 'We know nobody of this name.' })
  expect(await codeOf(office.signIn(NED, PASSWORD))).toBe('wrong-credentials')
  expect(await codeOf(sue.api.accounts.approve.mutate({ userId }))).toBe('conflict')
  await office.deliver()
  const letter = office.post.received.findLast(({ to }) => to.includes(NED))?.email
  expect(letter?.subject).toBe('Your account was not approved')
  expect(letter?.text).toContain('We know nobody of this name.')
  await (await office.world.desk()).api.accounts.enable.mutate({ userId })
  const ned = await office.signIn(NED, PASSWORD)
  expect(await ned.notifications.list.query()).toMatchObject([
    { type: 'user-rejected', payload: { reason: 'We know nobody of this name.' } },
  ])
})

it('leaves the decision to the heads of a department that has any', async () => {
  await using office = await startMailedWorld()
  const { world } = office
  const { api } = await world.desk()
  const [sue, pam] = [await world.person('sue', 'supervisor'), await world.person('pam', 'supervisor')]
  const departmentId = await world.department('support')
  await api.accounts.setHead.mutate({ departmentId, userId: pam.id, isHead: true })
  const userId = await newcomer(office)
  expect(await noticesOf(sue)).toEqual([])
  expect(await noticesOf(pam)).toEqual([ABOUT_NED])
  expect(await codeOf(sue.api.accounts.approve.mutate({ userId }))).toBe('forbidden')

  const departments = [departmentId, await world.department('depot')]
  await api.accounts.setDepartments.mutate({ userId: pam.id, departments })
  expect(await codeOf(sue.api.accounts.approve.mutate({ userId })), 'pam is still the head').toBe('forbidden')
  await api.accounts.setHead.mutate({ departmentId, userId: pam.id, isHead: false })
  expect(await codeOf(sue.api.accounts.approve.mutate({ userId }))).toBe('done')
})

it('makes heads of supervisors of the department only', async () => {
  await using office = await startMailedWorld()
  const { world } = office
  const { api } = await world.desk()
  const departmentId = await world.department('support')
  const sam = await world.person('sam', 'supervisor', ['depot'])
  const ada = await world.person('ada', 'agent')
  for (const { id: userId } of [sam, ada]) {
    expect(await codeOf(api.accounts.setHead.mutate({ departmentId, userId, isHead: true }))).toBe('conflict')
  }
})

it('asks the administrators where a department has no supervisor', async () => {
  await using office = await startMailedWorld()
  const desk = await office.world.desk()
  const userId = await newcomer(office)
  expect(await noticesOf(desk)).toEqual([ABOUT_NED])
  await desk.api.accounts.approve.mutate({ userId })
  expect(await codeOf(office.signIn(NED, PASSWORD))).toBe('done')
})

it.each([
  { decision: 'approval', told: ['user-approved', undefined] },
  { decision: 'rejection', told: ['user-rejected', undefined] },
])(
  'tells of the $decision the newcomer alone, who hears nothing of their own registration',
  async ({ decision, told }) => {
    await using office = await startMailedWorld()
    const { world } = office
    const [sue, pam] = [await world.person('sue', 'supervisor'), await world.person('pam', 'supervisor')]
    const [ada, desk] = [await world.person('ada', 'agent'), await world.desk()]
    const userId = await newcomer(office, 'supervisor')
    if (decision === 'approval') await sue.api.accounts.approve.mutate({ userId })
    else {
      await sue.api.accounts.reject.mutate({ userId })
      await desk.api.accounts.enable.mutate({ userId })
    }
    const ned = { api: await office.signIn(NED, PASSWORD) }
    expect(await noticesOf(ned)).toEqual([told])
    for (const asked of [sue, pam]) expect(await noticesOf(asked)).toEqual([ABOUT_NED])
    for (const other of [ada, desk]) expect(await noticesOf(other)).toEqual([])
  },
)

it('asks the administrators about somebody who would be the first supervisor, and not that person', async () => {
  await using office = await startMailedWorld()
  const desk = await office.world.desk()
  const disabled = await office.world.person('adam', 'admin', [])
  await desk.api.accounts.disable.mutate({ userId: disabled.id })
  const userId = await newcomer(office, 'supervisor')
  expect(await noticesOf(desk)).toEqual([ABOUT_NED])
  await desk.api.accounts.approve.mutate({ userId })
  await desk.api.accounts.enable.mutate({ userId: disabled.id })
  expect(await noticesOf({ api: await office.signIn(NED, PASSWORD) })).toEqual([['user-approved', undefined]])
  expect(await noticesOf(await again(office, disabled))).toEqual([])
})

it('asks nobody by a notice about people from a file, who are told of the decision all the same', async () => {
  await using office = await startMailedWorld()
  const { world } = office
  await world.department('support')
  const [sue, desk] = [await world.person('sue', 'supervisor'), await world.desk()]
  const csv = `name,email,role,departments,status\nNed,${NED},agent,support,pending`
  await desk.api.accounts.importPeople.mutate({ csv })
  const [waiting] = await sue.api.accounts.pending.query()
  expect(waiting).toMatchObject({ name: 'Ned' })
  expect([await noticesOf(sue), await noticesOf(desk)]).toEqual([[], []])
  await sue.api.accounts.approve.mutate({ userId: waiting?.id ?? '' })
  await office.deliver()
  const joining = { token: office.tokenFor(NED), name: 'Ned', password: PASSWORD }
  await office.anonymous.invitations.accept.mutate(joining)
  expect(await noticesOf({ api: await office.signIn(NED, PASSWORD) })).toEqual([['user-approved', undefined]])
  expect([await noticesOf(sue), await noticesOf(desk)]).toEqual([[], []])
})

it('lets one of two decisions at once count', async () => {
  await using office = await startMailedWorld()
  const sue = await office.world.person('sue', 'supervisor')
  const desk = await office.world.desk()
  const userId = await newcomer(office)
  const decisions = [sue.api.accounts.approve.mutate({ userId }), desk.api.accounts.reject.mutate({ userId })]
  const codes = await Promise.all(decisions.map(codeOf))
  expect(codes.toSorted()).toEqual(['conflict', 'done'])
  const mayEnter = (await codeOf(office.signIn(NED, PASSWORD))) === 'done'
  expect(mayEnter).toBe(codes[0] === 'done')
})

it('decides about nobody who does not wait', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const ada = await office.world.person('ada', 'agent')
  expect(await codeOf(api.accounts.reject.mutate({ userId: ada.id }))).toBe('conflict')
  expect(await codeOf(ada.api.accounts.me.query())).toBe('done')
})
