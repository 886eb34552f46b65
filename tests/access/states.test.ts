/** Every procedure and socket × every role × every way to come: with which session, account and second step. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import type { Action, Role } from '@rejoin/shared/access/access.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { contentOf } from '../doors/database.ts'
import { exchangeWith } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { startWorld, type World } from '../harness/world.ts'
import { apiTokens, LET_IN_CALLERS, SHUT_OUT_CALLERS, type ShutOut } from './callers.ts'
import {
  answersOneByOne,
  answersToNonsense,
  PROCEDURES,
  withoutRow,
  withoutScopes,
  type Headers,
} from './procedures.ts'
import { LET_IN, PUBLIC, ROLES, SCOPES, SHUT_OUT } from './table.ts'

const WAYS = Object.keys(SHUT_OUT) as ShutOut[]
const ALL_SCOPES = [...new Set(Object.values(SCOPES).flat())]
const TOKEN_FOR_OTHER = 'with an API token for something else' satisfies ShutOut

it('has a row for every procedure there is, and for every one that API tokens may call', () => {
  expect([...withoutRow(), ...withoutScopes()]).toEqual([])
  expect(PROCEDURES).toEqual(expect.arrayContaining([...Object.keys(PUBLIC), ...Object.keys(SCOPES)]))
})

async function callersOf(world: World, callers: (world: World, role: Role) => Promise<Headers>) {
  const found: [Role, Headers][] = []
  for (const role of ROLES) found.push([role, await callers(world, role)])
  return found
}

const isPublic = (path: string): path is keyof typeof PUBLIC => Object.hasOwn(PUBLIC, path)

/** A row for each procedure: its answer to nonsense from a caller who is not let in. */
function expectedOf(way: ShutOut): Record<string, string> {
  const [code] = SHUT_OUT[way]
  const answerOf = (path: string) => (isPublic(path) && way !== TOKEN_FOR_OTHER ? PUBLIC[path] : code)
  return Object.fromEntries(PROCEDURES.map((path) => [path, answerOf(path)]))
}

it.each(WAYS)('lets nobody of any role in at any door who comes %s', async (way) => {
  await using world = await startWorld()
  const { id: ticketId } = await world.ticket()
  const callers = await callersOf(world, SHUT_OUT_CALLERS[way])
  const ask = way === TOKEN_FOR_OTHER ? answersOneByOne : answersToNonsense
  const [_call, sync, closed] = SHUT_OUT[way]
  // A session that has run out is removed when somebody comes with it.
  const before = await contentOf(world.app, { except: ['session'] })
  for (const [role, headers] of callers) {
    expect({ role, ...(await ask(world.url, headers)) }).toEqual({ role, ...expectedOf(way) })
    const answer = await postExchange(world, headers)
    expect({ role, answer: await answer.json() }).toMatchObject({ role, answer: { code: sync } })
    for (const path of ['/sync', `/yjs/${ticketId}`]) {
      const socket = await RawSocket.open(world.url, path, undefined, headers)
      expect({ role, path, ...(await socket.end()) }).toMatchObject({ role, path, code: closed })
    }
  }
  expect(await contentOf(world.app, { except: ['session'] })).toEqual(before)
})

it.each(LET_IN)('lets everybody of any role in at every door who comes %s', async (way) => {
  await using world = await startWorld()
  const isPage = way === 'by the cookie in a page of this server'
  const answerOf = (path: string) => (isPublic(path) && !isPage ? PUBLIC[path] : 'invalid')
  const expected = Object.fromEntries(PROCEDURES.map((path) => [path, answerOf(path)]))
  for (const [role, headers] of await callersOf(world, LET_IN_CALLERS[way])) {
    expect({ role, ...(await answersToNonsense(world.url, headers)) }).toEqual({ role, ...expected })
    expect([role, (await postExchange(world, headers)).status]).toEqual([role, 200])
    const device = await RawSocket.open(world.url, '/sync', undefined, headers)
    device.send(encodeFrame(exchangeWith([]), 'cbor'))
    await device.until(() => device.messages.length > 0)
    expect(decodeFrame(ServerFrame, device.messages[0] ?? '')).toMatchObject({ type: 'batch' })
    await device.close()
    const editor = await RawSocket.open(world.url, `/yjs/${v7()}`, undefined, headers)
    expect(await editor.end()).toMatchObject({ code: 4403, reason: expect.stringMatching(/^not-found/) as string })
  }
})

it('lets an API token call what its scopes are for, and nothing else', async () => {
  await using world = await startWorld()
  const [all = {}, ...single] = await apiTokens(world, 'admin', [ALL_SCOPES, ...ALL_SCOPES.map((scope) => [scope])])
  const callable = PROCEDURES.map((path) => [path, Object.hasOwn(SCOPES, path) ? 'invalid' : 'forbidden'])
  expect(await answersOneByOne(world.url, all)).toEqual(Object.fromEntries(callable))
  for (const [index, scope] of ALL_SCOPES.entries()) {
    const answers = await answersOneByOne(world.url, single[index] ?? {}, Object.keys(SCOPES))
    const expected = Object.entries(SCOPES).map(([path, needed]) => [
      path,
      ([needed].flat() as readonly Action[]).includes(scope) ? 'invalid' : 'forbidden',
    ])
    expect({ scope, ...answers }).toEqual({ scope, ...Object.fromEntries(expected) })
  }
})

function postExchange({ url }: World, headers: Headers): Promise<Response> {
  const body = encodeFrame(exchangeWith([]), 'json')
  return fetch(`${url}/sync`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body })
}
