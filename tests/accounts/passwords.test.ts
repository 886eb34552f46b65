/** Passwords: which ones are taken, how they are kept, and changing one's own. */
import { argon2Sync, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { offerSetup } from '@rejoin/server/slices/accounts/setup.ts'
import { startMailServer } from '../harness/mail-server.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const OTHER = 'staple and a paper clip'
const BOB = { name: 'Bob Barker', email: 'bob.barker@example.com' }

/** Bob, who signs in by password. */
async function hireBob(world: World) {
  const { api } = await world.desk()
  await api.accounts.createUser.mutate({ ...BOB, role: 'agent', password: PASSWORD })
  return signIn(world, PASSWORD)
}

async function signIn(world: World, password: string) {
  const { output } = await connectApi(world.url).accounts.logIn.mutate({ email: BOB.email, password })
  return connectApi(world.url, output.token)
}

it.each([
  ['too short', 'ninechars', 'invalid'],
  ['much used', 'qwertyuiop', 'invalid'],
  ['much used, in capitals', 'QWERTYUIOP', 'invalid'],
  ['much used, with digits and signs around it', '!!Password2026', 'invalid'],
  ['digits only', '12345678901234567', 'invalid'],
  ['the own name', 'bob barker', 'invalid'],
  ['the own address', 'Bob.Barker@example.com', 'invalid'],
  ['a part of the own address, with digits', 'bob.barker99', 'invalid'],
  ['several words', 'dragon monkey football', 'done'],
  ['in another script', 'пароль из слов', 'done'],
])('takes no password that others would guess: %s', async (_what, password, code) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  expect(await codeOf(api.accounts.createUser.mutate({ ...BOB, role: 'agent', password }))).toBe(code)
})

it('asks the same of whoever sets up a workspace or changes their password', async () => {
  await using world = await startWorld()
  const token = (await offerSetup(world.app)) ?? ''
  const password = 'password123'
  const setUp = connectApi(world.url).accounts.setUp.mutate({ ...BOB, password, token })
  expect(await codeOf(setUp)).toBe('invalid')
  const bob = await hireBob(world)
  expect(await codeOf(bob.accounts.changePassword.mutate({ current: PASSWORD, password }))).toBe('invalid')
})

it('changes a password for whoever knows it, ends every other session, and renews the token of this one', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  const bob = await hireBob(world)
  const elsewhere = await signIn(world, PASSWORD)
  const { output } = await bob.accounts.changePassword.mutate({ current: PASSWORD, password: OTHER })
  expect(await codeOf(bob.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(connectApi(world.url, output.token ?? '').accounts.me.query())).toBe('done')
  expect(await codeOf(elsewhere.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(signIn(world, PASSWORD))).toBe('wrong-credentials')
  expect(await codeOf(signIn(world, OTHER))).toBe('done')
  await world.advance(5000)
  const subjects = post.received.map(({ email }) => email.subject)
  expect(subjects).toContain('Your password was changed')
})

it('changes nothing for whoever does not know the password', async () => {
  await using world = await startWorld()
  const bob = await hireBob(world)
  const change = { current: `${PASSWORD}!`, password: OTHER }
  expect(await codeOf(bob.accounts.changePassword.mutate(change))).toBe('wrong-credentials')
  expect(await codeOf(connectApi(world.url).accounts.changePassword.mutate(change))).toBe('unauthenticated')
  expect(await codeOf(signIn(world, PASSWORD))).toBe('done')
})

it('lets one of two changes at once through', async () => {
  await using world = await startWorld()
  const bob = await hireBob(world)
  const passwords = [OTHER, 'quite another one']
  const codes = await Promise.all(
    passwords.map((password) => codeOf(bob.accounts.changePassword.mutate({ current: PASSWORD, password }))),
  )
  expect(codes.toSorted()).toEqual(['done', 'wrong-credentials'])
  const winner = passwords[codes.indexOf('done')] ?? ''
  expect(await codeOf(signIn(world, winner))).toBe('done')
})

it('hashes a password anew at the next sign-in when it was hashed at another cost', async () => {
  await using world = await startWorld({ hashCost: undefined })
  await hireBob(world)
  const cheap = cheapHash(PASSWORD)
  const own = world.app.db.writer.updateTable('user').set({ passwordHash: cheap }).where('email', '=', BOB.email)
  await own.execute()
  expect(await codeOf(signIn(world, `${PASSWORD}!`))).toBe('wrong-credentials')
  expect(await hashOf(world)).toBe(cheap)
  expect(await codeOf(signIn(world, PASSWORD))).toBe('done')
  const renewed = await hashOf(world)
  expect(renewed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await codeOf(signIn(world, PASSWORD))).toBe('done')
  expect(await hashOf(world)).toBe(renewed)
})

function cheapHash(password: string): string {
  const nonce = randomBytes(16)
  const cost = { memory: 64, passes: 1, parallelism: 1 }
  const tag = argon2Sync('argon2id', { ...cost, message: password, nonce, tagLength: 32 })
  const plain = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=64,t=1,p=1$${plain(nonce)}$${plain(tag)}`
}

async function hashOf(world: World): Promise<string | null> {
  const row = world.app.read.selectFrom('user').select('passwordHash').where('email', '=', BOB.email)
  return (await row.executeTakeFirstOrThrow()).passwordHash
}
