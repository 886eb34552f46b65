/** An administrator corrects how somebody is called, and their address. */
import { expect, it } from 'vitest'
import { startMailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const NEW = 'ada@example.org'
const OLD = 'ada@example.com'

it('gives somebody another address: both are told, links to the former one are dead, and their sessions go on', async () => {
  await using office = await startMailedWorld()
  const { api, id } = await office.world.desk()
  const ada = { name: 'Ada', email: OLD, role: 'agent', password: PASSWORD } as const
  const { userId } = (await api.accounts.createUser.mutate(ada)).output
  const session = await office.signIn(OLD, PASSWORD)
  await office.anonymous.accounts.requestPasswordReset.mutate({ email: OLD })
  await office.deliver()
  const token = office.tokenFor(OLD)

  await api.accounts.correct.mutate({ userId, email: ` ${NEW} ` })
  await office.deliver()
  expect(office.subjectsTo(OLD).at(-1)).toBe('The email address of your account was changed')
  expect(office.subjectsTo(NEW)).toEqual(['This is now the email address of your account'])
  const toOld = office.post.received.findLast(({ to }) => to.includes(OLD))?.email.text
  expect(toOld, 'who has the former address may be a stranger').not.toContain(NEW)
  const reset = office.anonymous.accounts.resetPassword.mutate({ token, password: 'staple and a paper clip' })
  expect(await codeOf(reset)).toBe('bad-link')
  expect(await session.accounts.me.query()).toMatchObject({ id: userId, email: NEW })
  expect(await codeOf(office.signIn(OLD, PASSWORD))).toBe('wrong-credentials')
  expect(await codeOf(office.signIn(NEW, PASSWORD))).toBe('done')
  const { entries } = await api.audit.list.query({ type: 'user-edited' })
  expect(entries).toMatchObject([
    { actorId: id, subjectId: userId, payload: { fields: ['email'], from: { email: OLD }, to: { email: NEW } } },
  ])
})

it('asks in anew, at the right address, who has no password yet', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const { userId } = (await api.accounts.createUser.mutate({ name: 'Ada', email: OLD, role: 'agent' })).output
  await office.deliver()
  const former = office.tokenFor(OLD)
  await api.accounts.correct.mutate({ userId, email: NEW })
  await office.deliver()
  expect([office.subjectsTo(OLD), office.subjectsTo(NEW)]).toEqual([
    ['Invitation to create an account'],
    ['Invitation to create an account'],
  ])
  const accept = (token: string) =>
    codeOf(office.anonymous.invitations.accept.mutate({ token, name: 'Ada', password: PASSWORD }))
  expect([await accept(former), await accept(office.tokenFor(NEW))]).toEqual(['bad-link', 'done'])
})

it('refuses an address that somebody has, in whichever form, and somebody who may do more', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const bob = await world.person('bob', 'agent')
  const sue = await world.person('sue', 'supervisor')
  await api.accounts.createUser.mutate({ name: 'Zoë', email: 'zoe@bücher.example', role: 'agent' })
  const { correct } = api.accounts
  expect(await codeOf(correct.mutate({ userId: bob.id, email: 'ZOE@xn--bcher-kva.example' }))).toBe('conflict')
  expect(await codeOf(correct.mutate({ userId: bob.id, email: 'SUE@example.com', name: 'Bo' }))).toBe('conflict')
  expect(await codeOf(correct.mutate({ userId: bob.id }))).toBe('invalid')
  expect(await codeOf(sue.api.accounts.correct.mutate({ userId: bob.id, name: 'Bo' }))).toBe('forbidden')
  expect(await correct.mutate({ userId: bob.id, name: 'bob' })).toMatchObject({ outcome: 'adjusted' })
  expect(await correct.mutate({ userId: bob.id, email: 'BOB@example.com' })).toMatchObject({ outcome: 'applied' })
  expect(await bob.api.accounts.me.query(), 'nothing of what was refused').toMatchObject({
    name: 'bob',
    email: 'BOB@example.com',
  })
  expect(await api.mail.waiting.query(), 'capital letters are no other address').toHaveLength(1)
})

it('has every device show the right name, also one that was away', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const [ada, ben] = await world.agents('ada', 'ben')
  const ticket = await world.ticket({ assignee: ada.person })
  const asked = await world.ticket({ assignee: ada.person, requesterId: ben.person.id })
  await world.converge()
  ada.disconnect()
  await api.accounts.correct.mutate({ userId: ada.person.id, name: 'Ada Lovelace' })
  await api.accounts.correct.mutate({ userId: ben.person.id, name: 'Benedict' })
  await ada.rejoin()
  expect(ada.view(ticket.id)).toMatchObject({ assigneeName: 'Ada Lovelace' })
  expect(ada.view(asked.id)).toMatchObject({ requesterName: 'Benedict', assigneeName: 'Ada Lovelace' })
})
