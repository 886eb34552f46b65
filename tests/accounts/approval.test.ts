/** A newcomer who registered to work here waits until a supervisor of the department or an administrator decides. */
import { expect, it } from 'vitest'
import { startMailedWorld, type MailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import type { Person } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const NED = 'ned@example.org'

/** Ned, who wants to be an agent of `support`. */
async function newcomer(office: MailedWorld, email = NED): Promise<string> {
  const { api } = await office.world.desk()
  await api.accounts.setRegistration.mutate({ policy: 'open' })
  const departmentId = await office.world.department('support')
  await office.anonymous.accounts.register.mutate({ email, role: 'agent', departmentId })
  await office.deliver()
  const joining = { token: office.tokenFor(email), name: 'Ned', password: PASSWORD }
  const { output } = await office.anonymous.invitations.accept.mutate(joining)
  return output.userId
}

/** The notices that a person got, and about whom. */
async function noticesOf({ api }: Person): Promise<unknown[]> {
  return (await api.notifications.list.query()).map(({ type, payload }) => [type, payload['name']])
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
