/** Every procedure of the API as the router lists it, its callers by the tables, and calls by path. */
import { bytesAsBase64 } from '@rejoin/shared/sync/encoding.ts'
import { MAX_CALLS } from '@rejoin/shared/sync/wire.ts'
import type { AnyOperation } from '@rejoin/shared/contract/operation.ts'
import { scopesOf } from '@rejoin/server/core/api/operations.ts'
import { appRouter, operations } from '@rejoin/server/router.ts'
import { ANYWHERE_CALLS } from './anywhere.ts'
import { procedureFor, type Input } from './doors.ts'
import { SPOKEN, type Stage } from './stage.ts'
import { PUBLIC, REVIEW, SCOPES, SIGHT } from './table.ts'

export type Headers = Readonly<Record<string, string>>

const DEFINITIONS = appRouter._def.procedures as unknown as Record<string, { readonly _def: { readonly type: string } }>

export const PROCEDURES: readonly string[] = Object.keys(DEFINITIONS)
const [READING, CHANGING] = [PROCEDURES.filter(isQuery), PROCEDURES.filter((path) => !isQuery(path))]

function isQuery(path: string): boolean {
  return DEFINITIONS[path]?._def.type === 'query'
}

/** The rows that name procedures: changes by their command, and procedures about no particular ticket. */
interface Rows {
  readonly spoken: Readonly<Record<string, { readonly name: string }>>
  readonly anywhere: Readonly<Record<string, { readonly procedure: string }>>
}

const ROWS: Rows = { spoken: SPOKEN, anywhere: ANYWHERE_CALLS }

/** The procedures whose callers no row of the tables names, with what to do. */
export function withoutRow({ spoken, anywhere } = ROWS): string[] {
  const named = new Set([
    ...Object.values(spoken).map(({ name }) => procedureFor(name)),
    ...Object.keys(SIGHT).map((way) => `tickets.${way}`),
    ...Object.keys(REVIEW),
    ...Object.values(anywhere).map(({ procedure }) => procedure),
    ...Object.keys(PUBLIC),
  ])
  const todo =
    'Say in tests/access/table.ts who may call it: a row of ANYWHERE (with its call in anywhere.ts) by role, of ' +
    'CHANGES or SIGHT by role and relation to a ticket, or of PUBLIC for what needs no session.'
  return PROCEDURES.filter((path) => !named.has(path)).map((path) => `${path} is in no table. ${todo}`)
}

/** The procedures that API tokens may call and that are not in `scopes`, with what to do. */
export function withoutScopes(scopes: Readonly<Record<string, unknown>> = SCOPES): string[] {
  const isAstray = ([path, operation]: readonly [string, AnyOperation]) =>
    scopesOf(operation).length > 0 && !Object.hasOwn(scopes, path)
  const todo = 'Add a row of SCOPES in tests/access/table.ts, or declare it with `tokens: false`.'
  return [...operations].filter(isAstray).map(([path]) => `API tokens may call ${path}. ${todo}`)
}

interface Answer {
  readonly error?: { readonly data: { readonly code: string } }
}

/** Input that each procedure takes, for those that take any. */
export async function goodInputs(stage: Stage, ticketId: string): Promise<ReadonlyMap<string, Input>> {
  const inputs = new Map<string, Input>()
  for (const { name, input } of Object.values(SPOKEN)) inputs.set(procedureFor(name), { ...input(stage), ticketId })
  for (const { procedure, input } of Object.values(ANYWHERE_CALLS)) {
    if (input !== undefined) inputs.set(procedure, await input(stage, 'admin'))
  }
  return inputs
}

/** The code of the refusal, or `done`. */
export async function answerTo(url: string, path: string, headers: Headers, input?: unknown): Promise<string> {
  return codeOf((await (await request(url, path, headers, input)).json()) as Answer)
}

export function request(
  url: string,
  path: string,
  headers: Headers,
  input?: unknown,
  isBatch = false,
): Promise<Response> {
  const [body, batch] = [JSON.stringify(input, bytesAsBase64), isBatch ? 'batch=1' : '']
  const json = { ...headers, 'content-type': 'application/json' }
  if (!path.split(',').every(isQuery)) {
    return fetch(`${url}/trpc/${path}?${batch}`, { method: 'POST', headers: json, ...(body !== undefined && { body }) })
  }
  const query = body === undefined ? '' : `input=${encodeURIComponent(body)}`
  return fetch(`${url}/trpc/${path}?${query}&${batch}`, { headers })
}

const NONSENSE = 'nonsense'

/** The answer of each procedure to input that none of them takes, so that no call changes anything for any caller. */
export async function answersToNonsense(url: string, headers: Headers): Promise<Record<string, string>> {
  const answers = {}
  for (const paths of [...batchesOf(READING), ...batchesOf(CHANGING)]) {
    Object.assign(answers, await inOneRequest(url, paths, headers))
  }
  return answers
}

function batchesOf(paths: readonly string[]): string[][] {
  const count = Math.ceil(paths.length / MAX_CALLS)
  return Array.from({ length: count }, (_, index) => paths.slice(index * MAX_CALLS, (index + 1) * MAX_CALLS))
}

/** As `answersToNonsense`, each asked alone: an API token outside its scopes would fail the whole batch. */
export async function answersOneByOne(
  url: string,
  headers: Headers,
  paths: readonly string[] = PROCEDURES,
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  for (const path of paths) answers[path] = await answerTo(url, path, headers, NONSENSE)
  return answers
}

async function inOneRequest(url: string, paths: readonly string[], headers: Headers): Promise<Record<string, string>> {
  const inputs = Object.fromEntries(paths.map((_path, index) => [index, NONSENSE]))
  const answers = (await (await request(url, paths.join(','), headers, inputs, true)).json()) as readonly Answer[]
  return Object.fromEntries(paths.map((path, index) => [path, codeOf(answers[index] ?? {})]))
}

function codeOf({ error }: Answer): string {
  return error === undefined ? 'done' : error.data.code
}
