/** How many requests are taken by HTTP, and that those who are told so know when to come back. */
import { expect, it } from 'vitest'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

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

it('counts each call of a batch as a request', async () => {
  await using world = await startWorld({ limits: { requestsPerMinute: 25 } })
  const headers = { authorization: `Bearer ${(await world.person('ada', 'agent')).token}` }
  const ask = (calls: number) =>
    fetch(`${world.url}/trpc/${Array.from({ length: calls }, () => 'accounts.me').join(',')}?batch=1`, { headers })
  const answers = [await ask(20), await ask(5), await ask(1)]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(answers.map((answer) => answer.headers.get('ratelimit')?.split(', ')[1])).toEqual([
    'remaining=5',
    'remaining=0',
    'remaining=0',
  ])
})

it('runs nothing of a batch of more than twenty calls, and says how many there are', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const create = (calls: number) => {
    const paths = Array.from({ length: calls }, () => 'departments.create').join(',')
    const inputs = Object.fromEntries(Array.from({ length: calls }, (_, index) => [index, { name: `Floor ${index}` }]))
    return fetch(`${world.url}/trpc/${paths}?batch=1`, { method: 'POST', headers, body: JSON.stringify(inputs) })
  }
  const answer = await create(21)
  expect(answer.status).toBe(413)
  const [message, code] = ['A batch holds at most 20 calls; this one holds 21. None of them was run.', 'too-large']
  const hint = 'Send them in several batches.'
  expect(await answer.json()).toMatchObject({ detail: message, code, hint, error: { message, data: { code, hint } } })
  const rows = () => world.app.read.selectFrom('department').select('name').execute()
  expect(await rows()).toEqual([])
  expect((await create(20)).status).toBe(200)
  expect((await rows()).length).toBe(20)
})

it('tells a tRPC client by its own errors what was refused before any call was run', async () => {
  await using world = await startWorld({ limits: { requestsPerMinute: 1 } })
  const { api } = await world.person('ada', 'agent')
  await api.accounts.me.query()
  expect(await codeOf(api.accounts.me.query())).toBe('too-many-requests')
})

it('splits by itself what the client asks at once', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const names = Array.from({ length: 50 }, (_, index) => `Floor ${index}`)
  await Promise.all(names.map((name) => api.departments.create.mutate({ name })))
  expect((await api.departments.list.query()).length).toBe(50)
})

it('counts devices that ask by HTTP', async () => {
  await using world = await startWorld({ limits: { requestsPerMinute: 1 } })
  const { token } = await world.person('ada', 'agent')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const ask = async () => (await fetch(`${world.url}/sync`, { method: 'POST', headers, body: '{}' })).status
  expect([await ask(), await ask()]).toEqual([400, 429])
})
