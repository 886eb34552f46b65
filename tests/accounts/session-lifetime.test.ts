/** Sessions: how long they last, where their token is, and what ending one does to a device. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until } from '../harness/world.ts'

const DAY = 24 * 3_600_000

it('ends a session that nobody uses for 30 days', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  await world.advance(30 * DAY - 1000)
  const unused = connectApi(world.url, await world.newToken(ada.id))
  expect(await codeOf(ada.api.accounts.me.query())).toBe('done')
  await world.advance(30 * DAY + 1000)
  expect(await codeOf(unused.accounts.me.query())).toBe('unauthenticated')
})

it('slides a session that is used, and ends it after 180 days whatever happens', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  for (let day = 20; day < 180; day += 20) {
    await world.advance(20 * DAY)
    expect(await codeOf(ada.api.accounts.me.query()), `on day ${day}`).toBe('done')
  }
  await world.advance(20 * DAY - 1000)
  expect(await codeOf(ada.api.accounts.me.query()), 'just before the end').toBe('done')
  world.clock.advance(2000)
  expect(await codeOf(ada.api.accounts.me.query()), 'after the end').toBe('unauthenticated')
  await world.advance(60_000)
  const session = await world.app.read.selectFrom('session').select('id').where('userId', '=', ada.id).execute()
  expect(session).toEqual([])
})

it('writes nothing for a session that can slide no further', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  for (let day = 20; day < 180; day += 20) {
    await world.advance(20 * DAY)
    await ada.api.accounts.me.query()
  }
  await world.advance(10 * DAY)
  await ada.api.accounts.me.query()
  const before = readFileSync(join(world.dataDir, 'rejoin.db-wal'))
  await ada.api.accounts.me.query()
  expect(readFileSync(join(world.dataDir, 'rejoin.db-wal')).equals(before)).toBe(true)
})

it('ends a session at logout, and no other one', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const other = connectApi(world.url, await world.newToken(ada.id))
  await ada.api.accounts.logOut.mutate()
  expect(await codeOf(ada.api.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(ada.api.accounts.logOut.mutate())).toBe('unauthenticated')
  expect(await codeOf(other.accounts.me.query())).toBe('done')
})

it('hangs up on a device at logout, which keeps its work and sends it after signing in again', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  await ada.api.accounts.logOut.mutate()
  await until(ada, () => ada.state === 'signed-out')
  expect(ada.problem).toMatchObject({ code: 'unauthenticated' })
  await ada.tickets.comment({ ticketId, body: 'Written while signed out' })
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  expect(ada.view(ticketId)).toMatchObject({ status: 'resolved' })
  expect(ada.pending()).toHaveLength(2)
  expect(ada.held()).toEqual([ticketId])

  await ada.signIn(await world.newToken(ada.person.id))
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'applied' }, { outcome: 'applied' }])
  const { api } = await world.desk()
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'resolved', resolution: 'New fuser' })
})

it('keeps a token with the client: the server has its SHA-256', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  await ada.api.accounts.me.query()
  const sessions = await world.app.read.selectFrom('session').select('id').where('userId', '=', ada.id).execute()
  expect(sessions).toEqual([{ id: createHash('sha256').update(ada.token).digest('hex') }])
  for (const name of readdirSync(world.dataDir)) {
    expect(readFileSync(join(world.dataDir, name)).includes(ada.token), `the token in ${name}`).toBe(false)
  }
})

it.each(['token', 'access_token', 'authorization', 'bearer'])(
  'does not take a token from the URL: ?%s=',
  async (name) => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const query = `?${name}=${ada.token}`
    expect((await fetch(`${world.url}/trpc/accounts.me${query}`)).status).toBe(401)
    expect((await fetch(`${world.url}/sync${query}`, { method: 'POST', body: '{}' })).status).toBe(401)
    const socket = new WebSocket(`${world.url.replace('http', 'ws')}/sync${query}`, ['rejoin.v1'])
    const [code] = await once(socket, 'close')
    expect(code).toBe(4401)
  },
)

it('takes a token from a header, and from a cookie of a page of its own', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${world.url}/trpc/accounts.me`, { headers })).status
  const cookie = `theme=dark; rejoin_session=${ada.token}`
  expect(await status({ authorization: `Bearer ${ada.token}` })).toBe(200)
  expect(await status({ cookie })).toBe(200)
  expect(await status({ cookie, origin: world.url })).toBe(200)
  expect(await status({ cookie, origin: 'https://evil.example' })).toBe(401)
  expect(await status({ authorization: `Bearer ${ada.token}x` })).toBe(401)
  expect(await status({})).toBe(401)
})
