/** People of each role who come to the doors in every way of the table: what their requests carry. */
import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import type { Action, Role } from '@rejoin/shared/access/access.ts'
import { appOf } from '../accounts/second-step.ts'
import type { World } from '../harness/world.ts'
import { newcomer } from './anywhere.ts'
import type { Headers } from './procedures.ts'
import type { LET_IN, SHUT_OUT } from './table.ts'

export type ShutOut = keyof typeof SHUT_OUT
export type LetIn = (typeof LET_IN)[number]
type Caller = (world: World, role: Role) => Promise<Headers>

const DAY = 24 * 3_600_000
const password = 'correct horse battery'

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })
const cookie = (token: string): Headers => ({ cookie: `rejoin_session=${token}` })

/** Somebody with a password, in the department of all. */
export async function account(world: World, role: Role, departments: readonly string[] = []) {
  const desk = await world.desk()
  const person = { name: role, role, email: `${v7()}@example.com`, password, departments: [...departments] }
  const { output } = await desk.api.accounts.createUser.mutate(person)
  return { id: output.userId, email: person.email, password }
}

/** Signs in, sets up a second step, and answers with the token that goes on. */
export async function enrolled(world: World, credentials: { email: string; password: string }) {
  const first = (await connectApi(world.url).accounts.logIn.mutate(credentials)).output
  const { accounts } = connectApi(world.url, first.token)
  const app = appOf(world)
  app.take((await accounts.mfa.begin.mutate({ password: credentials.password })).output.secret)
  const { output } = await accounts.mfa.confirm.mutate({ code: app.code() })
  return { app, token: output.token ?? '' }
}

/** The token that the password alone gives. */
async function challengeOf(world: World, credentials: { email: string; password: string }): Promise<Headers> {
  const { output } = await connectApi(world.url).accounts.logIn.mutate(credentials)
  if (output.opens === 'session') throw new Error('the password alone has opened a session')
  return bearer(output.token)
}

async function requireSecondStep(world: World, role: Role, graceDays: number): Promise<void> {
  await (await world.desk()).api.accounts.mfa.require.mutate({ role, graceDays })
}

const person = (world: World, role: Role) => world.person(v7(), role)

/** API tokens of one person, one for each list of scopes. */
export async function apiTokens(world: World, role: Role, wishes: readonly (readonly Action[])[]): Promise<Headers[]> {
  const { output: session } = await connectApi(world.url).accounts.logIn.mutate(await account(world, role))
  const { apiTokens } = connectApi(world.url, session.token).accounts
  const made: Headers[] = []
  for (const scopes of wishes) {
    const { output } = await apiTokens.create.mutate({ name: 'Wiki', days: 30, password, scopes: [...scopes] })
    made.push(bearer(output.token))
  }
  return made
}

export const SHUT_OUT_CALLERS: Readonly<Record<ShutOut, Caller>> = {
  'with nothing': async () => ({}),
  'with a token that nobody was given': async () => bearer(randomBytes(32).toString('base64url')),
  'with a session that has run out': async (world, role) => {
    const { token } = await person(world, role)
    world.clock.advance(31 * DAY)
    return bearer(token)
  },
  'with a session that was ended': async (world, role) => {
    const { token, api } = await person(world, role)
    await api.accounts.logOut.mutate()
    return bearer(token)
  },
  pending: async (world, role) => bearer(await world.newToken(await newcomer(world, { role, departments: [] }))),
  disabled: async (world, role) => {
    const { id, token } = await person(world, role)
    await (await world.desk()).api.accounts.disable.mutate({ userId: id })
    return bearer(token)
  },
  'with a session from before they were disabled and enabled': async (world, role) => {
    const { id, token } = await person(world, role)
    const { accounts } = (await world.desk()).api
    await accounts.disable.mutate({ userId: id })
    await accounts.enable.mutate({ userId: id })
    return bearer(token)
  },
  'owing a code': async (world, role) => {
    const credentials = await account(world, role)
    await enrolled(world, credentials)
    return challengeOf(world, credentials)
  },
  'owing the set-up of a second step': async (world, role) => {
    const credentials = await account(world, role)
    await requireSecondStep(world, role, 0)
    return challengeOf(world, credentials)
  },
  'with a session from before a second step was required': async (world, role) => {
    const { token } = await person(world, role)
    await requireSecondStep(world, role, 0)
    await world.advance(60_000)
    return bearer(token)
  },
  'by the cookie in a page of another site': async (world, role) => ({
    ...cookie((await person(world, role)).token),
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
  }),
  'with an API token for something else': async (world, role) => {
    const [headers = {}] = await apiTokens(world, role, [['ticket.read-internal']])
    return headers
  },
}

export const LET_IN_CALLERS: Readonly<Record<LetIn, Caller>> = {
  'without a second step': async (world, role) => bearer((await person(world, role)).token),
  'after a second step': async (world, role) => {
    const credentials = await account(world, role)
    const { app } = await enrolled(world, credentials)
    const { token } = (await connectApi(world.url).accounts.logIn.mutate(credentials)).output
    world.clock.advance(30_000)
    const { output } = await connectApi(world.url).accounts.mfa.answer.mutate({ token, code: app.code() })
    return bearer(output.token)
  },
  'in the days of grace of one that is required': async (world, role) => {
    const { token } = await person(world, role)
    await requireSecondStep(world, role, 7)
    await world.advance(60_000)
    return bearer(token)
  },
  'by the cookie in a page of this server': async (world, role) => ({
    ...cookie((await person(world, role)).token),
    origin: world.url,
  }),
}
