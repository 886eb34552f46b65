/** A forgotten password, from the question to the new one; everything by mail and by the API. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { startMailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import type { World } from '../harness/world.ts'

const MINUTE = 60_000
const PASSWORD = 'correct horse battery'
const OTHER = 'staple and a paper clip'
const EMAIL = 'bob@example.com'

async function startOffice() {
  const office = await startMailedWorld()
  const { api } = await office.world.desk()
  const bob = { name: 'Bob', email: EMAIL, role: 'agent', password: PASSWORD } as const
  const { output } = await api.accounts.createUser.mutate(bob)
  const anonymous = office.anonymous.accounts
  return {
    ...office,
    api,
    bobId: output.userId,
    anonymous,
    signIn: (password: string) => anonymous.logIn.mutate({ email: EMAIL, password }),
    /** Asks for a link and returns the token in it. */
    async askForLink(): Promise<string> {
      await anonymous.requestPasswordReset.mutate({ email: EMAIL })
      await office.deliver()
      return office.tokenFor(EMAIL)
    },
  }
}

it('lets somebody who forgot their password set another one by a link, once', async () => {
  await using office = await startOffice()
  const { anonymous, signIn, post } = office
  const { output } = await signIn(PASSWORD)
  const elsewhere = connectApi(office.world.url, output.token)
  const token = await office.askForLink()
  expect(post.received.at(-1)).toMatchObject({ to: [EMAIL], email: { subject: 'Set a new password' } })
  expect(await anonymous.verifyResetToken.query({ token })).toEqual({ isValid: true })
  await anonymous.resetPassword.mutate({ token, password: OTHER })
  expect(await anonymous.verifyResetToken.query({ token })).toEqual({ isValid: false })
  expect(await codeOf(anonymous.resetPassword.mutate({ token, password: PASSWORD }))).toBe('bad-link')
  expect(await codeOf(elsewhere.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(signIn(PASSWORD))).toBe('wrong-credentials')
  expect(await codeOf(signIn(OTHER))).toBe('done')
  await office.world.advance(5000)
  expect(post.received.at(-1)).toMatchObject({ to: [EMAIL], email: { subject: 'Your password was changed' } })
})

it('lets exactly one of two uses of a link at the same moment through', async () => {
  await using office = await startOffice()
  const token = await office.askForLink()
  const passwords = [OTHER, 'quite another one']
  const codes = await Promise.all(
    passwords.map((password) => codeOf(office.anonymous.resetPassword.mutate({ token, password }))),
  )
  expect(codes.toSorted()).toEqual(['bad-link', 'done'])
  expect(await codeOf(office.signIn(passwords[codes.indexOf('done')] ?? ''))).toBe('done')
  expect(await codeOf(office.signIn(passwords[codes.indexOf('bad-link')] ?? ''))).toBe('wrong-credentials')
})

it('lets a link work for an hour', async () => {
  await using office = await startOffice()
  const { anonymous, world } = office
  const token = await office.askForLink()
  await world.advance(60 * MINUTE - 6000)
  expect(await anonymous.verifyResetToken.query({ token })).toEqual({ isValid: true })
  await world.advance(1000)
  expect(await anonymous.verifyResetToken.query({ token })).toEqual({ isValid: false })
  expect(await codeOf(anonymous.resetPassword.mutate({ token, password: OTHER }))).toBe('bad-link')
})

it('lets only the newest link work', async () => {
  await using office = await startOffice()
  const first = await office.askForLink()
  const second = await office.askForLink()
  expect(await codeOf(office.anonymous.resetPassword.mutate({ token: first, password: OTHER }))).toBe('bad-link')
  expect(await codeOf(office.anonymous.resetPassword.mutate({ token: second, password: OTHER }))).toBe('done')
})

it('keeps a link whose new password is refused', async () => {
  await using office = await startOffice()
  const token = await office.askForLink()
  expect(await codeOf(office.anonymous.resetPassword.mutate({ token, password: 'password123' }))).toBe('invalid')
  expect(await codeOf(office.anonymous.resetPassword.mutate({ token, password: OTHER }))).toBe('done')
})

it('sends nothing to a disabled person, and takes no link that they had', async () => {
  await using office = await startOffice()
  const token = await office.askForLink()
  await office.api.accounts.disable.mutate({ userId: office.bobId })
  expect(await office.anonymous.verifyResetToken.query({ token })).toEqual({ isValid: false })
  expect(await codeOf(office.anonymous.resetPassword.mutate({ token, password: OTHER }))).toBe('bad-link')
  const before = office.post.received.length
  await office.anonymous.requestPasswordReset.mutate({ email: EMAIL })
  for (let times = 0; times < 3; times += 1) await office.world.advance(MINUTE)
  expect(office.post.received).toHaveLength(before)
})

it('answers and does the same for an address that is known and one that is not', async () => {
  await using office = await startOffice()
  const { world, anonymous } = office
  await world.advance(MINUTE)
  const known = await traceOf(world, () => anonymous.requestPasswordReset.mutate({ email: EMAIL }))
  const unknown = await traceOf(world, () => anonymous.requestPasswordReset.mutate({ email: 'eve@example.com' }))
  const blank = (trace: string) => trace.replaceAll(/bob@example\.com|eve@example\.com/g, 'somebody')
  expect(known).toContain(EMAIL)
  expect(blank(known)).toBe(blank(unknown))
  await world.advance(5000)
  await world.advance(5000)
  expect(office.post.received.filter(({ to }) => to.includes('eve@example.com'))).toEqual([])
})

/** The answer to a request, and what it left in the database. */
async function traceOf(world: World, request: () => Promise<unknown>): Promise<string> {
  const answer = await request()
  const { read } = world.app
  const asked = await read.selectFrom('resetRequest').selectAll().execute()
  const { letters } = await read
    .selectFrom('outbox')
    .select((row) => row.fn.countAll().as('letters'))
    .executeTakeFirstOrThrow()
  const links = await read.selectFrom('passwordReset').selectAll().execute()
  await world.app.db.writer.deleteFrom('resetRequest').execute()
  return JSON.stringify({ answer, asked, letters, links })
}

it('keeps no token: not in the row of the link, and not in the letter once that is gone', async () => {
  await using office = await startOffice()
  const token = await office.askForLink()
  const { read } = office.world.app
  const kept = [
    await read.selectFrom('passwordReset').selectAll().execute(),
    await read.selectFrom('outbox').selectAll().execute(),
  ]
  expect(JSON.stringify(kept)).not.toContain(token)
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
})

it('writes one letter for somebody who asks many times at once', async () => {
  await using office = await startOffice()
  await office.world.advance(MINUTE)
  const before = office.post.received.length
  const ask = () => office.anonymous.requestPasswordReset.mutate({ email: EMAIL.toUpperCase() })
  await Promise.all([ask(), ask(), ask()])
  await office.world.advance(5000)
  await office.world.advance(5000)
  expect(office.post.received.slice(before)).toMatchObject([{ to: [EMAIL] }])
})
