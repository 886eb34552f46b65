/** How many requests are taken by HTTP, and that those who are told so know when to come back. */
import { expect, it } from 'vitest'
import { startWorld, type World } from './harness/world.ts'

function me(world: World, token?: string): Promise<Response> {
  return fetch(`${world.url}/trpc/accounts.me`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
}

it('says how many requests are left, and answers 429 with Retry-After when none is', async () => {
  await using world = await startWorld({ limits: { requestsPerMinute: 3 } })
  const { token } = await world.person('ada', 'agent')
  const answers = []
  for (let request = 0; request < 4; request += 1) answers.push(await me(world, token))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
  expect(answers[0]?.headers.get('ratelimit')).toMatch(/^limit=3, remaining=2, reset=\d+$/)
  expect(answers[0]?.headers.get('ratelimit-policy')).toBe('3;w=60')
  const [, , , last] = answers
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await last?.json()).toMatchObject({ code: 'too-many-requests', hint: expect.any(String) })
  world.clock.advance(60_000)
  expect((await me(world, token)).status).toBe(200)
})

it('counts each session for itself, and only those without one by their address', async () => {
  await using world = await startWorld({ limits: { requestsPerMinute: 2, anonymousRequestsPerMinute: 1 } })
  const [ada, bob] = [await world.person('ada', 'agent'), await world.person('bob', 'agent')]
  for (const { token } of [ada, bob, ada, bob]) expect((await me(world, token)).status).toBe(200)
  expect((await me(world, ada.token)).status).toBe(429)
  expect((await me(world)).status).toBe(401)
  expect((await me(world, 'a-token-that-nobody-has')).status).toBe(429)
})

it('counts devices that ask by HTTP', async () => {
  await using world = await startWorld({ limits: { requestsPerMinute: 1 } })
  const { token } = await world.person('ada', 'agent')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const ask = async () => (await fetch(`${world.url}/sync`, { method: 'POST', headers, body: '{}' })).status
  expect([await ask(), await ask()]).toEqual([400, 429])
})
