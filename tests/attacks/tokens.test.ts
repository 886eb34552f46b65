/** Tokens that were planted, forged, stolen too late, or are of another kind than they are shown as. */
import { createHash, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { offerSetup } from '@rejoin/server/slices/accounts/setup.ts'
import { post } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'
import { BOB, hire } from '../accounts/second-step.ts'

/** What each door answers to a token: the status, or the code with which a socket is closed. */
async function doorsFor(world: World, token: string): Promise<number[]> {
  const call = await fetch(`${world.url}/trpc/accounts.me`, { headers: { authorization: `Bearer ${token}` } })
  const { status } = await post(world.url, token, '{}')
  const closed = []
  for (const path of ['/sync', `/yjs/${crypto.randomUUID()}`]) {
    closed.push((await (await RawSocket.open(world.url, path, token)).end()).code)
  }
  return [call.status, status, ...closed]
}

const SHUT = [401, 401, 4401, 4401]

it('takes over no token that a client brings to its sign-in', async () => {
  await using world = await startWorld()
  await hire(world)
  const planted = randomBytes(32).toString('base64url')
  const headers = { 'content-type': 'application/json', origin: world.url, cookie: `rejoin_session=${planted}` }
  const body = JSON.stringify({ ...BOB, token: planted, sessionId: planted, id: planted })
  const answer = await fetch(`${world.url}/trpc/accounts.logInByCookie`, { method: 'POST', headers, body })
  expect(answer.headers.get('set-cookie')).toMatch(/^rejoin_session=[\w-]{43};/)
  expect(answer.headers.get('set-cookie')).not.toContain(planted)
  expect(await doorsFor(world, planted)).toEqual(SHUT)
})

it('shuts every door to tokens that nobody was given', async () => {
  await using world = await startWorld()
  const { token } = await world.person('ada', 'agent')
  const forged = [
    createHash('sha256').update(token).digest('hex'),
    token.slice(0, -1),
    `${token}A`,
    token.toLowerCase(),
    `rejoin_api_${token}`,
    randomBytes(32).toString('base64url'),
    '__proto__',
    '0',
  ]
  for (const each of forged) expect({ each, doors: await doorsFor(world, each) }).toEqual({ each, doors: SHUT })
})

it('takes no token of another kind for one of a session', async () => {
  await using world = await startWorld()
  const setupToken = (await offerSetup(world.app)) ?? ''
  const bob = await hire(world)
  const kinds = [setupToken]
  const { api } = await world.desk()
  await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 0 })
  kinds.push((await connectApi(world.url).accounts.logIn.mutate(BOB)).output.token)
  for (const each of kinds) expect(await doorsFor(world, each)).toEqual(SHUT)
  expect(await codeOf(bob.api.accounts.me.query())).toBe('done')
})

it('takes no token of another server', async () => {
  await using here = await startWorld()
  await using there = await startWorld()
  const { token } = await there.person('ada', 'agent')
  await here.person('ada', 'agent')
  expect(await doorsFor(here, token)).toEqual(SHUT)
})

it('shuts every door at once to a token that was stolen and then renewed', async () => {
  await using world = await startWorld()
  const { token: stolen, api } = await hire(world)
  const { email: _, password: current } = BOB
  const { output } = await api.accounts.changePassword.mutate({ current, password: 'quite another one' })
  expect(await doorsFor(world, stolen)).toEqual(SHUT)
  expect(await codeOf(connectApi(world.url, output.token ?? '').accounts.me.query())).toBe('done')
})
