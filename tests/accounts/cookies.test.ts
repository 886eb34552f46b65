/** Sessions in cookies: how they are set, and that no page from elsewhere can use them. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { expect, it } from 'vitest'
import { startWorld, type World } from '../harness/world.ts'

const BOB = { email: 'bob@example.com', password: 'correct horse battery' }

async function addBob(world: World): Promise<void> {
  const { api } = await world.desk()
  await api.accounts.createUser.mutate({ name: 'Bob', role: 'agent', ...BOB })
}

type Headers = Readonly<Record<string, string>>

function post(url: string, procedure: string, input: unknown, headers: Headers): Promise<Response> {
  return fetch(`${url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  })
}

async function cookieOf(world: World): Promise<string> {
  const answer = await post(world.url, 'accounts.logInByCookie', BOB, { origin: world.url })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

it('keeps the token of a page in a cookie that no script reads, and out of the answer', async () => {
  await using world = await startWorld()
  await addBob(world)
  const answer = await post(world.url, 'accounts.logInByCookie', BOB, { origin: world.url })
  const [cookie = '', ...attributes] = answer.headers.get('set-cookie')?.split('; ') ?? []
  expect(attributes.toSorted()).toEqual(['HttpOnly', `Max-Age=${30 * 24 * 3600}`, 'Path=/', 'SameSite=Lax'])
  const token = /^rejoin_session=([\w-]{43})$/.exec(cookie)?.[1] ?? 'none'
  expect(await answer.text()).not.toContain(token)
  const me = await fetch(`${world.url}/trpc/accounts.me`, { headers: { cookie } })
  expect(await me.json()).toMatchObject({ result: { data: { email: BOB.email } } })
})

it('sends the cookie over TLS only where the server is reached by it', async () => {
  await using world = await startWorld({ settings: { publicUrl: 'https://desk.example.com' } })
  await addBob(world)
  const answer = await post(world.url, 'accounts.logInByCookie', BOB, { origin: 'https://desk.example.com' })
  const [cookie = '', former = ''] = answer.headers.getSetCookie()
  // Browsers take this name only over TLS, from the host itself, and for all of it.
  expect(cookie).toMatch(/^__Host-rejoin_session=[\w-]{43}; /)
  expect(cookie.split('; ').slice(1).toSorted()).toEqual([
    'HttpOnly',
    `Max-Age=${30 * 24 * 3600}`,
    'Path=/',
    'SameSite=Lax',
    'Secure',
  ])
  expect(former).toMatch(/^rejoin_session=; Max-Age=0; /)
})

it('still reads a cookie that was set under the name before, and prefers the one of now', async () => {
  await using world = await startWorld({ settings: { publicUrl: 'https://desk.example.com' } })
  const [ada, bob] = [await world.person('ada', 'agent'), await world.person('bob', 'agent')]
  const nameOf = async (cookie: string) => {
    const answer = await fetch(`${world.url}/trpc/accounts.me`, { headers: { cookie } })
    return ((await answer.json()) as { result?: { data: { name: string } } }).result?.data.name
  }
  expect(await nameOf(`rejoin_session=${ada.token}`)).toBe('ada')
  expect(await nameOf(`rejoin_session=${ada.token}; __Host-rejoin_session=${bob.token}`)).toBe('bob')
  await world.restart({ publicUrl: 'http://desk.example.com' })
  expect(await nameOf(`__Host-rejoin_session=${bob.token}`)).toBeUndefined()
})

it('takes back the cookies of both names at logout', async () => {
  await using world = await startWorld({ settings: { publicUrl: 'https://desk.example.com' } })
  const { token } = await world.person('ada', 'agent')
  const headers = { cookie: `rejoin_session=${token}`, origin: 'https://desk.example.com' }
  const answer = await post(world.url, 'accounts.logOut', undefined, headers)
  expect(answer.headers.getSetCookie().map((each) => each.slice(0, each.indexOf(' ')))).toEqual([
    '__Host-rejoin_session=;',
    'rejoin_session=;',
  ])
})

it('takes the cookie back at logout', async () => {
  await using world = await startWorld()
  await addBob(world)
  const cookie = await cookieOf(world)
  const answer = await post(world.url, 'accounts.logOut', undefined, { cookie, origin: world.url })
  expect(answer.headers.get('set-cookie')).toMatch(/^rejoin_session=; Max-Age=0; /)
  expect((await fetch(`${world.url}/trpc/accounts.me`, { headers: { cookie } })).status).toBe(401)
})

it.each([
  { from: 'another site', headers: { origin: 'https://evil.example' }, status: 401 },
  { from: 'a page without an address', headers: { origin: 'null' }, status: 401 },
  { from: 'another host of the same site', headers: { 'sec-fetch-site': 'same-site' }, status: 401 },
  { from: 'a form of another site', headers: { 'sec-fetch-site': 'cross-site' }, status: 401 },
  { from: 'nowhere in particular', headers: {}, status: 401 },
  { from: 'a page of its own', headers: { 'sec-fetch-site': 'same-origin' }, status: 200 },
])('answers $status to a change by cookie from $from', async ({ headers, status }) => {
  await using world = await startWorld()
  await addBob(world)
  const cookie = await cookieOf(world)
  const answer = await post(world.url, 'accounts.revokeOtherSessions', undefined, { ...headers, cookie })
  expect(answer.status).toBe(status)
  expect((await post(world.url, 'accounts.revokeOtherSessions', undefined, { cookie, origin: world.url })).status).toBe(
    200,
  )
})

it('lets no page from elsewhere sign somebody in', async () => {
  await using world = await startWorld()
  await addBob(world)
  const answer = await post(world.url, 'accounts.logInByCookie', BOB, { origin: 'https://evil.example' })
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null])
  const sessions = await world.app.read.selectFrom('session').selectAll().where('userAgent', 'is not', null).execute()
  expect(sessions).toEqual([])
})

it('asks a bearer token for no origin: no other page has it', async () => {
  await using world = await startWorld()
  const { token } = await world.person('ada', 'agent')
  const headers = { authorization: `Bearer ${token}`, origin: 'https://evil.example' }
  expect((await post(world.url, 'accounts.revokeOtherSessions', undefined, headers)).status).toBe(200)
})

it.each([
  { origin: 'https://evil.example', opens: false },
  { origin: undefined, opens: false },
  { origin: 'own', opens: true },
])('opens a socket by cookie for a page of its own only: $origin', async ({ origin, opens }) => {
  await using world = await startWorld()
  await addBob(world)
  const cookie = await cookieOf(world)
  const from = origin === 'own' ? world.url : origin
  const headers = { cookie, ...(from !== undefined && { origin: from }) }
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/sync`, ['rejoin.v1'], { headers })
  await once(socket, 'open')
  socket.send('{}')
  const [code] = (await once(socket, 'close')) as [number]
  expect(code === 4401).toBe(!opens)
})

it('believes a proxy about addresses only where one stands in front', async () => {
  const addressesOf = async (proxies: number) => {
    await using world = await startWorld({ settings: { proxies } })
    await addBob(world)
    const headers = { origin: world.url, 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }
    await post(world.url, 'accounts.logInByCookie', BOB, headers)
    const rows = await world.app.read.selectFrom('session').select('address').execute()
    return rows.flatMap(({ address }) => address ?? [])
  }
  expect(await addressesOf(0)).toEqual(['127.0.0.1'])
  expect(await addressesOf(1)).toEqual(['198.51.100.7'])
  expect(await addressesOf(2)).toEqual(['203.0.113.9'])
})
