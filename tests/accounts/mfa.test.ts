/** The second step of signing in: set up, asked for, guessed, lost. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { signIn } from '@rejoin/client-sdk/sign-in.ts'
import { dump } from '../harness/database.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until, type World } from '../harness/world.ts'
import { RawSocket } from '../doors/socket.ts'
import { appOf, BOB, hire, type App } from './second-step.ts'

const STEP = 30_000

async function passwordStep(world: World) {
  const { email, password } = BOB
  return (await connectApi(world.url).accounts.logIn.mutate({ email, password })).output
}

/** Somebody with a second step, on the next code of their app. */
async function enrolled(world: World, app: App = appOf(world)) {
  const bob = await hire(world)
  const { output: offer } = await bob.api.accounts.mfa.begin.mutate({ password: BOB.password })
  app.take(offer.secret)
  const { output } = await bob.api.accounts.mfa.confirm.mutate({ code: app.code() })
  world.clock.advance(STEP)
  return {
    id: bob.id,
    app,
    former: bob.api,
    api: connectApi(world.url, output.token ?? ''),
    codes: output.recoveryCodes,
  }
}

it('offers a secret as text, address and picture to whoever shows their password', async () => {
  await using world = await startWorld()
  const bob = await hire(world)
  expect(await codeOf(bob.api.accounts.mfa.begin.mutate({ password: 'not the password' }))).toBe('wrong-credentials')
  const { output } = await bob.api.accounts.mfa.begin.mutate({ password: BOB.password })
  expect(output.secret).toMatch(/^[A-Z2-7]{32}$/)
  expect(output.uri).toBe(
    `otpauth://totp/Rejoin:bob%40example.com?issuer=Rejoin&secret=${output.secret}&algorithm=SHA1&digits=6&period=30`,
  )
  expect(output.svg).toMatch(/^<svg [\s\S]*<\/svg>$/)
  expect(await bob.api.accounts.mfa.status.query()).toEqual({
    enrolledAt: null,
    recoveryCodesLeft: 0,
    requiredAt: null,
  })
})

it('counts once a code of the app was given, renews the token, and ends the other sessions', async () => {
  await using world = await startWorld()
  const app = appOf(world)
  const bob = await hire(world)
  const other = connectApi(world.url, (await passwordStep(world)).token)
  const { output: offer } = await bob.api.accounts.mfa.begin.mutate({ password: BOB.password })
  app.take(offer.secret)
  expect(await codeOf(bob.api.accounts.mfa.confirm.mutate({ code: app.wrongCode() }))).toBe('wrong-credentials')
  expect((await passwordStep(world)).opens).toBe('session')
  const { output } = await bob.api.accounts.mfa.confirm.mutate({ code: app.code() })
  expect(await codeOf(bob.api.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(other.accounts.me.query())).toBe('unauthenticated')
  const api = connectApi(world.url, output.token ?? '')
  expect(await api.accounts.mfa.status.query()).toMatchObject({ enrolledAt: world.clock.now(), recoveryCodesLeft: 10 })
  expect(new Set(output.recoveryCodes).size).toBe(10)
})

it('opens nothing with the password alone, by any door', async () => {
  await using world = await startWorld()
  await enrolled(world)
  const { opens, token } = await passwordStep(world)
  expect(opens).toBe('second-step')
  const half = connectApi(world.url, token)
  expect(await codeOf(half.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(half.accounts.mfa.status.query())).toBe('unauthenticated')
  expect(await codeOf(half.accounts.mfa.begin.mutate({ password: BOB.password }))).toBe('unauthenticated')
  expect(await codeOf(half.accounts.mfa.beginRequired.mutate({ token }))).toBe('unauthenticated')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  expect((await fetch(`${world.url}/sync`, { method: 'POST', headers, body: '{}' })).status).toBe(401)
  for (const path of ['/sync', `/yjs/${crypto.randomUUID()}`]) {
    const socket = await RawSocket.open(world.url, path, token)
    await socket.until(() => socket.closed !== null)
    expect(socket.closed?.code).toBe(4401)
  }
})

it('lets a device in after the second step, through the SDK, with everything that waited', async () => {
  await using world = await startWorld()
  const { id, app, codes } = await enrolled(world)
  const [device] = await world.agents('ada')
  const api = connectApi(world.url)
  const token = await signIn(api, { ...BOB, device: 'Bob’s tablet' }, async () => app.code())
  const tablet = await world.device({ id, name: 'Bob', role: 'agent', token, api: connectApi(world.url, token) })
  await tablet.api.accounts.logOut.mutate()
  await until(tablet, () => tablet.state === 'signed-out')
  const { id: ticketId } = await world.ticket({ assignee: device.person })
  await tablet.tickets.create({ title: 'Written while signed out' })
  await tablet.signIn(await signIn(api, BOB, async () => codes[0] ?? ''))
  await tablet.settled()
  expect(tablet.verdicts()).toMatchObject([{ name: 'ticket.create', outcome: 'applied' }])
  expect(ticketId).toBeDefined()
})

it('takes a code once, and none that is older than one it has taken', async () => {
  await using world = await startWorld()
  const { app } = await enrolled(world)
  const answer = async (code: string) => {
    const { token } = await passwordStep(world)
    return codeOf(connectApi(world.url).accounts.mfa.answer.mutate({ token, code }))
  }
  const [former, code] = [app.code(-STEP), app.code()]
  expect(await answer(former)).toBe('wrong-credentials')
  expect(await answer(code)).toBe('done')
  expect(await answer(code)).toBe('wrong-credentials')
  expect(await answer(app.code(STEP))).toBe('done')
  expect(await answer(app.code(-STEP))).toBe('wrong-credentials')
})

it('takes one code once when it comes twice at the same time', async () => {
  await using world = await startWorld()
  const { app } = await enrolled(world)
  const [first, second] = [await passwordStep(world), await passwordStep(world)]
  const code = app.code()
  const answers = await Promise.all(
    [first, second].map(({ token }) => codeOf(connectApi(world.url).accounts.mfa.answer.mutate({ token, code }))),
  )
  expect(answers.toSorted()).toEqual(['done', 'wrong-credentials'])
})

it('takes a code for recovery once, in whatever form it is typed, and keeps only its hash', async () => {
  await using world = await startWorld()
  const { codes, api } = await enrolled(world)
  const code = codes[3] ?? ''
  const answer = async (typed: string) => {
    const { token } = await passwordStep(world)
    return codeOf(connectApi(world.url).accounts.mfa.answer.mutate({ token, code: typed }))
  }
  expect(await answer(code.toLowerCase().replaceAll('-', ' '))).toBe('done')
  expect(await answer(code)).toBe('wrong-credentials')
  expect(await api.accounts.mfa.status.query()).toMatchObject({ recoveryCodesLeft: 9 })
  const stored = JSON.stringify(dump(world.dataDir))
  for (const each of codes) expect(stored).not.toContain(each.replaceAll('-', ''))
})

it('makes whoever guesses codes wait, however often they give the password anew', async () => {
  await using world = await startWorld()
  const { app } = await enrolled(world)
  const answers: string[] = []
  for (let guess = 0; guess < 7; guess += 1) {
    const { token } = await passwordStep(world)
    answers.push(await codeOf(connectApi(world.url).accounts.mfa.answer.mutate({ token, code: app.wrongCode() })))
  }
  expect(answers).toEqual([
    ...Array.from({ length: 5 }, () => 'wrong-credentials'),
    'too-many-attempts',
    'too-many-attempts',
  ])
})

it('ends a sign-in that waits for its code when its person’s sessions are ended', async () => {
  await using world = await startWorld()
  const { app, api } = await enrolled(world)
  const { token } = await passwordStep(world)
  await api.accounts.revokeOtherSessions.mutate()
  const { mfa } = connectApi(world.url).accounts
  expect(await codeOf(mfa.answer.mutate({ token, code: app.code() }))).toBe('unauthenticated')
})

it('forgets a sign-in that waits for its second step after ten minutes', async () => {
  await using world = await startWorld()
  const { app } = await enrolled(world)
  const { token } = await passwordStep(world)
  await world.advance(10 * 60_000)
  expect(await codeOf(connectApi(world.url).accounts.mfa.answer.mutate({ token, code: app.code() }))).toBe(
    'unauthenticated',
  )
})

it('is taken away, and its codes renewed, only with a code', async () => {
  await using world = await startWorld()
  const { app, api, codes } = await enrolled(world)
  expect(await codeOf(api.accounts.mfa.renewRecoveryCodes.mutate({ code: app.wrongCode() }))).toBe('wrong-credentials')
  expect(await codeOf(api.accounts.mfa.disable.mutate({ code: app.wrongCode() }))).toBe('wrong-credentials')
  const { output } = await api.accounts.mfa.renewRecoveryCodes.mutate({ code: app.code() })
  expect(await codeOf(api.accounts.mfa.disable.mutate({ code: codes[0] ?? '' }))).toBe('wrong-credentials')
  await api.accounts.mfa.disable.mutate({ code: output.recoveryCodes[0] ?? '' })
  expect((await passwordStep(world)).opens).toBe('session')
})
