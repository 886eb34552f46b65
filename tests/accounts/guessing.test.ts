/** Somebody who guesses passwords has to wait longer each time; nobody else has to. */
import { TRPCClientError } from '@trpc/client'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import type { AppRouter } from '@rejoin/server/router.ts'
import { dump, rowsOnDisk } from '../harness/database.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const HOUR = 3_600_000
const OFFICE = '198.51.100.7'
const ELSEWHERE = '203.0.113.9'

/** A world behind a proxy, so that a test can come from any address. */
async function startStreet(...names: readonly string[]) {
  const world = await startWorld({ settings: { proxies: 1 } })
  const { api } = await world.desk()
  for (const name of names) {
    const account = { name, email: `${name}@example.com`, password: PASSWORD }
    await api.accounts.createUser.mutate({ ...account, role: 'agent' })
  }
  return world
}

type Answer = 'done' | 'wrong-credentials' | number

/** The answer to a sign-in: `done`, the code, or the ms until another attempt is welcome. */
async function signIn(world: World, name: string, password: string, address = OFFICE): Promise<Answer> {
  const from: typeof fetch = (url, init) => {
    const headers = new Headers(init?.headers)
    headers.set('x-forwarded-for', address)
    return fetch(url, { ...init, headers })
  }
  try {
    await connectApi(world.url, undefined, from).accounts.logIn.mutate({ email: `${name}@example.com`, password })
    return 'done'
  } catch (error) {
    const data = error instanceof TRPCClientError ? (error as TRPCClientError<AppRouter>).data : undefined
    if (data?.code === 'too-many-attempts') return data.retryAfter ?? Number.NaN
    if (data?.code === 'wrong-credentials') return data.code
    throw error
  }
}

async function guess(world: World, name: string, times: number, address = OFFICE): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let time = 0; time < times; time += 1) answers.push(await signIn(world, name, `guess number ${time}`, address))
  return answers
}

const WRONG = 'wrong-credentials'

it.each(['ada', 'nobody'])('lets five wrong passwords pass and then asks for ever longer waits: %s', async (name) => {
  await using world = await startStreet('ada')
  expect(await guess(world, name, 7)).toEqual([WRONG, WRONG, WRONG, WRONG, WRONG, 1000, 1000])
  for (const waitMs of [1000, 2000, 4000, 8000]) {
    await world.advance(waitMs - 1)
    expect(await signIn(world, name, 'too early')).toBe(1)
    await world.advance(1)
    expect(await signIn(world, name, 'in time'), `after ${waitMs} ms`).toBe(WRONG)
  }
  for (let time = 0; time < 10; time += 1) {
    await world.advance(HOUR)
    await signIn(world, name, 'again')
  }
  expect(await signIn(world, name, 'again')).toBe(15 * 60_000)
})

it('gives the right password no better answer while it has to wait, and starts afresh after it', async () => {
  await using world = await startStreet('ada')
  await guess(world, 'ada', 5)
  expect(await signIn(world, 'ada', PASSWORD)).toBe(1000)
  await world.advance(1000)
  expect(await signIn(world, 'ada', PASSWORD)).toBe('done')
  expect(await guess(world, 'ada', 6)).toEqual([WRONG, WRONG, WRONG, WRONG, WRONG, 1000])
})

it('checks no more guesses when they come at once', async () => {
  await using world = await startStreet('ada')
  const answers = await Promise.all(Array.from({ length: 40 }, (_, time) => signIn(world, 'ada', `guess ${time}`)))
  expect(answers.filter((answer) => answer === WRONG)).toHaveLength(5)
})

it('keeps what it holds against a guesser when the server is started again', async () => {
  await using world = await startStreet('ada')
  await guess(world, 'ada', 5)
  await world.restart()
  expect(await signIn(world, 'ada', PASSWORD)).toBe(1000)
})

it('forgets after a day', async () => {
  await using world = await startStreet('ada')
  await guess(world, 'ada', 5)
  await world.advance(25 * HOUR)
  expect(rowsOnDisk(world.dataDir, 'select * from attempt')).toEqual([])
  expect(await guess(world, 'ada', 5)).not.toContain(1000)
})

it('does not lock somebody out where they have signed in before, whoever guesses elsewhere', async () => {
  await using world = await startStreet('ada')
  expect(await signIn(world, 'ada', PASSWORD)).toBe('done')
  expect((await guess(world, 'ada', 7, ELSEWHERE)).at(-1)).toBe(1000)
  expect(await signIn(world, 'ada', 'a slip')).toBe(WRONG)
  expect(await signIn(world, 'ada', PASSWORD)).toBe('done')
  expect(await signIn(world, 'ada', PASSWORD, ELSEWHERE)).toBe(1000)
})

it('slows down an address that tries account after account, and no other address', async () => {
  await using world = await startStreet('ada')
  for (let time = 0; time < 50; time += 1) expect(await signIn(world, `nobody${time}`, 'x', ELSEWHERE)).toBe(WRONG)
  expect(await signIn(world, 'ada', PASSWORD, ELSEWHERE)).toBe(1000)
  expect(await signIn(world, 'ada', PASSWORD, OFFICE)).toBe('done')
})

it('takes the addresses of one customer’s IPv6 network for one', async () => {
  await using world = await startStreet('ada')
  for (let time = 0; time < 50; time += 1) await signIn(world, `nobody${time}`, 'x', `2001:db8:1:2::${time + 1}`)
  expect(await signIn(world, 'ada', PASSWORD, '2001:db8:1:2:ffff::9')).toBe(1000)
  expect(await signIn(world, 'ada', PASSWORD, '2001:db8:1:3::1')).toBe('done')
})

it('lets colleagues behind the same address in while one of them guesses', async () => {
  await using world = await startStreet('ada', 'bob')
  expect(await signIn(world, 'bob', PASSWORD)).toBe('done')
  for (let time = 0; time < 60; time += 1) await signIn(world, `nobody${time}`, 'x')
  expect(await signIn(world, 'ada', PASSWORD)).toBe(1000)
  expect(await signIn(world, 'bob', PASSWORD)).toBe('done')
})

it('does not count an office that signs in', async () => {
  const names = Array.from({ length: 55 }, (_, index) => `agent${index}`)
  await using world = await startStreet(...names)
  for (const name of names) expect(await signIn(world, name, PASSWORD)).toBe('done')
})

it('guards signing in by cookie as well', async () => {
  await using world = await startStreet('ada')
  await guess(world, 'ada', 5)
  const answer = await fetch(`${world.url}/trpc/accounts.logInByCookie`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: world.url, 'x-forwarded-for': OFFICE },
    body: JSON.stringify({ email: 'ada@example.com', password: PASSWORD }),
  })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
  expect(await answer.json()).toMatchObject({ error: { data: { code: 'too-many-attempts', retryAfter: 1000 } } })
})

it.each(['ada', 'nobody'])('lets nobody have letter after letter sent to somebody: %s', async (name) => {
  await using world = await startStreet('ada')
  const ask = () => {
    const { accounts } = connectApi(world.url)
    return codeOf(accounts.requestPasswordReset.mutate({ email: `${name}@example.com` }))
  }
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['done', 'done', 'done', 'too-many-attempts'])
  await world.advance(60_000)
  expect([await ask(), await ask()]).toEqual(['done', 'too-many-attempts'])
})

it.each(['ada', 'nobody'])('lets nobody register an address again and again: %s', async (name) => {
  await using world = await startStreet('ada')
  await (await world.desk()).api.accounts.setRegistration.mutate({ policy: 'open' })
  const ask = () => codeOf(connectApi(world.url).accounts.register.mutate({ email: `${name}@example.com` }))
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['done', 'done', 'done', 'too-many-attempts'])
  await world.advance(60_000)
  expect([await ask(), await ask()]).toEqual(['done', 'too-many-attempts'])
})

it('records what failed: whose account it was, and never what was typed', async () => {
  await using world = await startStreet('ada')
  const { api } = await world.desk()
  await signIn(world, 'ada', 'not hers')
  await signIn(world, 'my secret in the wrong field', 'x')
  const { entries } = await api.audit.list.query({ type: 'sign-in-failed' })
  const [ada] = await api.accounts.people.query({ role: 'agent' })
  expect(entries).toMatchObject([
    { subjectId: 'unknown', address: OFFICE },
    { subjectId: ada?.id, address: OFFICE },
  ])
  const stored = JSON.stringify(dump(world.dataDir))
  expect(stored).not.toContain('my secret')
  expect(stored).not.toContain('not hers')
})
