/**
 * Every procedure there is, for whoever is not signed in, or not quite: what is not listed here as open to everybody
 * answers each of them the same. The sockets and `POST /sync` too.
 */
import { expect, it } from 'vitest'
import { z } from 'zod'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { appRouter } from '@rejoin/server/router.ts'
import { command } from '@rejoin/server/core/commit/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { BOB, hire } from '../accounts/second-step.ts'
import { contentOf } from '../doors/database.ts'
import { exchangeWith, post } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { startWorld, type World } from '../harness/world.ts'

const DAY = 24 * 3_600_000

/** What somebody may ask who is nobody yet. */
const OPEN = new Set([
  'accounts.setUp',
  'accounts.logIn',
  'accounts.logInByCookie',
  'accounts.requestPasswordReset',
  'accounts.verifyResetToken',
  'accounts.resetPassword',
  'accounts.registrationForm',
  'accounts.register',
  'invitations.verify',
  'invitations.accept',
  'accounts.mfa.answer',
  'accounts.mfa.answerByCookie',
  'accounts.mfa.beginRequired',
  'accounts.mfa.confirmRequired',
  'accounts.mfa.confirmRequiredByCookie',
])

type Procedures = Readonly<Record<string, { readonly _def: { readonly type: string } }>>

const PROCEDURES = Object.entries(appRouter._def.procedures as unknown as Procedures)

const setPending = command({
  name: 'harness.set-pending',
  input: z.object({ userId: z.string() }),
  async run({ tx }, { userId }) {
    await tx.updateTable('user').set({ status: 'pending' }).where('id', '=', userId).execute()
  },
})

interface State {
  /** Brings somebody there, and answers with the token that they come with. */
  token(world: World): Promise<string | undefined>
  readonly code: string
  readonly closes: number
}

const NOBODY = { code: 'unauthenticated', closes: 4401 }

const STATES: Readonly<Record<string, State>> = {
  'without a token': { ...NOBODY, token: async () => undefined },
  'with a session whose time is over': {
    ...NOBODY,
    async token(world) {
      const { token } = await hire(world)
      await world.advance(31 * DAY)
      return token
    },
  },
  'with a session that was ended': {
    ...NOBODY,
    async token(world) {
      const { api, token } = await hire(world)
      await api.accounts.logOut.mutate()
      return token
    },
  },
  'with an account that waits for approval': {
    ...NOBODY,
    async token(world) {
      const { id, token } = await hire(world)
      await world.app.commits.commitOrThrow(setPending, { userId: id }, { actorId: SYSTEM_ID })
      return token
    },
  },
  'before the second step': {
    ...NOBODY,
    async token(world) {
      await hire(world)
      const { api } = await world.desk()
      await api.accounts.mfa.require.mutate({ role: 'agent', graceDays: 0 })
      return (await connectApi(world.url).accounts.logIn.mutate(BOB)).output.token
    },
  },
}

it.each(Object.entries(STATES))('lets nobody do anything %s', async (_name, { token: tokenIn, code, closes }) => {
  await using world = await startWorld()
  const token = await tokenIn(world)
  const before = await contentOf(world.app)
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  const others: string[] = []
  for (const [path, procedure] of PROCEDURES.filter(([name]) => !OPEN.has(name))) {
    const init = procedure._def.type === 'query' ? { headers } : { headers, method: 'POST', body: '{}' }
    const answer = await fetch(`${world.url}/trpc/${path}`, init)
    const { error } = (await answer.json()) as { error?: { data: { code: string } } }
    if (error?.data.code !== code) others.push(`${path}: ${error?.data.code ?? 'done'}`)
  }
  expect(others).toEqual([])
  expect((await post(world.url, token, JSON.stringify(exchangeWith([])))).status).toBe(401)
  for (const path of ['/sync', `/yjs/${crypto.randomUUID()}`]) {
    const socket = await RawSocket.open(world.url, path, token)
    expect((await socket.end()).code).toBe(closes)
  }
  expect(await contentOf(world.app)).toEqual(before)
})

it('lists as open only what there is', () => {
  const names = PROCEDURES.map(([name]) => name)
  expect([...OPEN].filter((name) => !names.includes(name))).toEqual([])
})
