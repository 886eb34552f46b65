/** Roles that must sign in with a second step, and help for who has lost theirs. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { signIn } from '@rejoin/client-sdk/sign-in.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until, type World } from '../harness/world.ts'
import { account, enrolled } from '../access/callers.ts'
import { appOf, BOB, hire } from './second-step.ts'
import { rejoin } from '../harness/rejoin.ts'

const DAY = 24 * 3_600_000

async function enrol(world: World) {
  const app = appOf(world)
  const bob = await hire(world)
  app.take((await bob.api.accounts.mfa.begin.mutate({ password: BOB.password })).output.secret)
  const { output } = await bob.api.accounts.mfa.confirm.mutate({ code: app.code() })
  return { ...bob, app, api: connectApi(world.url, output.token ?? '') }
}

it('lets people of a role go on for the days of grace, and tells them until when', async () => {
  await using world = await startWorld()
  const bob = await hire(world)
  const { api } = await world.desk()
  const { output } = await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 7 })
  expect(output.requiredAt).toBe(world.clock.now() + 7 * DAY)
  expect(await bob.api.accounts.mfa.status.query()).toMatchObject({ requiredAt: output.requiredAt })
  await world.advance(7 * DAY - 60_000)
  expect(await codeOf(bob.api.accounts.me.query())).toBe('done')
  expect((await connectApi(world.url).accounts.logIn.mutate(BOB)).output.opens).toBe('session')
})

it('then ends their sessions, and lets them set up a second step and nothing else', async () => {
  await using world = await startWorld()
  const app = appOf(world)
  const bob = await hire(world)
  const { api } = await world.desk()
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 7 })
  await world.advance(7 * DAY)
  await world.advance(60_000)
  expect(await codeOf(bob.api.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(api.accounts.me.query())).toBe('done')

  const { accounts } = connectApi(world.url)
  const { token, opens } = (await accounts.logIn.mutate(BOB)).output
  expect(opens).toBe('enrolment')
  expect(await codeOf(connectApi(world.url, token).accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(accounts.mfa.answer.mutate({ token, code: '123456' }))).toBe('unauthenticated')
  await expect(signIn(connectApi(world.url), BOB, async () => '')).rejects.toMatchObject({ code: 'forbidden' })
  app.take((await accounts.mfa.beginRequired.mutate({ token })).output.secret)
  expect(await codeOf(accounts.mfa.confirmRequired.mutate({ token, code: app.wrongCode() }))).toBe('wrong-credentials')
  const { output } = await accounts.mfa.confirmRequired.mutate({ token, code: app.code() })
  expect(output.recoveryCodes).toHaveLength(10)
  const signedIn = connectApi(world.url, output.token)
  expect(await codeOf(signedIn.accounts.me.query())).toBe('done')
  await world.advance(60_000)
  expect(await codeOf(signedIn.accounts.me.query())).toBe('done')
  expect(await codeOf(signedIn.accounts.mfa.disable.mutate({ code: app.code() }))).toBe('conflict')
})

it('lets somebody finish who signs in just before the sessions of their role end', async () => {
  await using world = await startWorld()
  const app = appOf(world)
  const bob = await hire(world)
  const { api } = await world.desk()
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 0 })
  const { accounts } = connectApi(world.url)
  const { token, opens } = (await accounts.logIn.mutate(BOB)).output
  expect(opens).toBe('enrolment')
  app.take((await accounts.mfa.beginRequired.mutate({ token })).output.secret)
  expect(await codeOf(bob.api.accounts.me.query())).toBe('done')
  await world.advance(60_000)
  expect(await codeOf(bob.api.accounts.me.query())).toBe('unauthenticated')
  const { output } = await accounts.mfa.confirmRequired.mutate({ token, code: app.code() })
  expect(await codeOf(connectApi(world.url, output.token).accounts.me.query())).toBe('done')
})

it('ends a sign-in that waits for a second step when an administrator ends all that lets its person in', async () => {
  await using world = await startWorld()
  const bob = await hire(world)
  const { api } = await world.desk()
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 0 })
  const { accounts } = connectApi(world.url)
  const { token } = (await accounts.logIn.mutate(BOB)).output
  await api.accounts.revokeSessionsOf.mutate({ userId: bob.id })
  expect(await codeOf(accounts.mfa.beginRequired.mutate({ token }))).toBe('unauthenticated')
})

it('ends the API tokens of who has none by then, and makes them no others; of who has one they go on', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const bob = await hire(world)
  const eve = await account(world, 'agent')
  const { token } = await enrolled(world, eve)
  const wish = { name: 'Wiki', scopes: ['department.list' as const], days: 30, password: BOB.password }
  const tokenOf = async (session: string) => {
    const { output } = await connectApi(world.url, session).accounts.apiTokens.create.mutate(wish)
    return connectApi(world.url, output.token)
  }
  const [of, ofEnrolled] = [await tokenOf(bob.token), await tokenOf(token)]
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 7 })
  // Without a session there is still the token.
  await bob.api.accounts.logOut.mutate()
  await world.advance(7 * DAY - 60_000)
  expect(await codeOf(of.departments.list.query())).toBe('done')
  await world.advance(2 * 60_000)
  expect(await codeOf(of.departments.list.query())).toBe('unauthenticated')
  expect(await codeOf(ofEnrolled.departments.list.query())).toBe('done')
  const { entries } = await api.audit.list.query({ type: 'api-token-revoked' })
  expect(entries).toMatchObject([{ subjectId: bob.id, payload: { name: 'Wiki' } }])
  expect((await connectApi(world.url).accounts.logIn.mutate(BOB)).output.opens).toBe('enrolment')

  await api.accounts.mfa.reset.mutate({ userId: eve.id })
  await world.advance(60_000)
  expect(await codeOf(ofEnrolled.departments.list.query())).toBe('unauthenticated')
})

it('ends the API tokens of who comes into a role that must have one', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const bob = await hire(world)
  await api.accounts.mfa.require.mutate({ role: 'supervisor', graceDays: 0 })
  const wish = { name: 'Wiki', scopes: ['department.list' as const], days: 30, password: BOB.password }
  const wiki = connectApi(world.url, (await bob.api.accounts.apiTokens.create.mutate(wish)).output.token)
  await world.advance(60_000)
  expect(await codeOf(wiki.departments.list.query())).toBe('done')
  await api.accounts.setRole.mutate({ userId: bob.id, role: 'supervisor' })
  await world.advance(60_000)
  expect(await codeOf(wiki.departments.list.query())).toBe('unauthenticated')
})

it('keeps the work of a device whose person has to set one up first', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await until(ada, () => ada.held().includes(ticketId))
  const { api } = await world.desk()
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 0 })
  await world.advance(60_000)
  await until(ada, () => ada.state === 'signed-out')
  await ada.tickets.comment({ ticketId, body: 'Still here' })
  expect([ada.held(), ada.pending().length]).toEqual([[ticketId], 1])
})

it('takes the rule back', async () => {
  await using world = await startWorld()
  await hire(world)
  const { api } = await world.desk()
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 0 })
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: null })
  expect((await connectApi(world.url).accounts.logIn.mutate(BOB)).output.opens).toBe('session')
})

it('is taken away by an administrator from who has lost it, with every session of theirs', async () => {
  await using world = await startWorld()
  const bob = await enrol(world)
  const { api } = await world.desk()
  const sue = await world.person('sue', 'supervisor')
  expect(await codeOf(sue.api.accounts.mfa.reset.mutate({ userId: bob.id }))).toBe('forbidden')
  await api.accounts.mfa.reset.mutate({ userId: bob.id })
  expect(await codeOf(bob.api.accounts.me.query())).toBe('unauthenticated')
  expect((await connectApi(world.url).accounts.logIn.mutate(BOB)).output.opens).toBe('session')
  const { entries } = await api.audit.list.query({ subjectId: bob.id, type: 'second-step-removed' })
  expect(entries).toMatchObject([{ actorId: (await world.desk()).id }])
})

it('is taken away from the command line, while no server runs', async () => {
  await using world = await startWorld()
  await enrol(world)
  const reset = (dataDir: string, email: string) => rejoin(['user', 'reset-mfa', email, '--data-dir', dataDir])
  expect(await reset(world.dataDir, BOB.email)).toMatchObject({ code: 1, errors: expect.stringContaining('in use') })
  const copy = await world.backup()
  expect((await reset(copy, 'eve@example.com')).errors).toContain('No account has')
  expect((await reset(copy, BOB.email)).out).toContain('signs in with the password alone')
  await world.restore(copy)
  expect((await connectApi(world.url).accounts.logIn.mutate(BOB)).output.opens).toBe('session')
})
