/** Bad input to the API: each gets a status and a code, and changes nothing. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { leavingNoTrace, setScene, type Scene } from './world.ts'

interface Call {
  readonly path: string
  readonly method?: string
  readonly body?: unknown
  /** As it is, instead of as JSON. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string | null | undefined
  readonly status: number
  readonly code: string
}

const CREATE = '/trpc/tickets.create'
const COMMENT = '/trpc/tickets.comment'

const CALLS: Readonly<Record<string, (scene: Scene) => Call>> = {
  'JSON that breaks off': () => ({ path: CREATE, raw: '{"ticketId":', status: 400, code: 'invalid' }),
  'letters that are not UTF-8': () => ({
    path: CREATE,
    raw: new Uint8Array(Buffer.from(`{"ticketId":"${v7()}","title":"J\xfcrgen"}`, 'latin1')),
    status: 400,
    code: 'invalid',
  }),
  'no body': () => ({ path: CREATE, raw: '', status: 400, code: 'invalid' }),
  'a body that is no object': () => ({ path: CREATE, body: [1, 2], status: 400, code: 'invalid' }),
  'missing fields': () => ({ path: CREATE, body: {}, status: 400, code: 'invalid' }),
  'fields of the wrong type': () => ({ path: CREATE, body: { ticketId: 5, title: {} }, status: 400, code: 'invalid' }),
  'an id that is no UUID': () => ({ path: CREATE, body: { ticketId: '1', title: 'A' }, status: 400, code: 'invalid' }),
  'an empty title': () => ({ path: CREATE, body: { ticketId: v7(), title: '  ' }, status: 400, code: 'invalid' }),
  'a department that is not there': () => ({
    path: CREATE,
    body: { ticketId: v7(), title: 'A', departmentId: v7() },
    status: 404,
    code: 'not-found',
  }),
  'an id that is taken': ({ ticketId }) => ({
    path: CREATE,
    body: { ticketId, title: 'A' },
    status: 409,
    code: 'id-taken',
  }),
  'a ticket that is not there': () => ({
    path: COMMENT,
    body: { ticketId: v7(), commentId: v7(), body: 'A' },
    status: 404,
    code: 'not-found',
  }),
  'somebody else’s ticket': ({ foreignId }) => ({
    path: COMMENT,
    body: { ticketId: foreignId, commentId: v7(), body: 'A' },
    status: 404,
    code: 'not-found',
  }),
  'a status there is none of': ({ ticketId }) => ({
    path: '/trpc/tickets.transition',
    body: { ticketId, to: 'finished' },
    status: 400,
    code: 'invalid',
  }),
  'an edit of nothing': ({ ticketId }) => ({
    path: '/trpc/tickets.edit',
    body: { ticketId, set: {} },
    status: 400,
    code: 'invalid',
  }),
  'text that is no Yjs update': ({ ticketId }) => ({
    path: '/trpc/tickets.writeText',
    body: { ticketId, update: 'AQID' },
    status: 400,
    code: 'malformed-text',
  }),
  'text that is no base64': ({ ticketId }) => ({
    path: '/trpc/tickets.writeText',
    body: { ticketId, update: '§§§' },
    status: 400,
    code: 'invalid',
  }),
  'a procedure there is none of': () => ({ path: '/trpc/tickets.explode', body: {}, status: 404, code: 'not-found' }),
  'a procedure named as a property of every object': () => ({
    path: '/trpc/tickets.constructor',
    body: {},
    status: 404,
    code: 'not-found',
  }),
  'a path there is none of': () => ({ path: '/nothing/here', method: 'GET', status: 404, code: 'not-found' }),
  'a path that does not decode': () => ({ path: '/trpc/%E0%A4%A', method: 'GET', status: 400, code: 'invalid' }),
  'a body of more than 1 MB': ({ ticketId }) => ({
    path: COMMENT,
    body: { ticketId, commentId: v7(), body: 'x'.repeat(1024 * 1024) },
    status: 413,
    code: 'too-large',
  }),
  'a comment of more than 20,000 characters': ({ ticketId }) => ({
    path: COMMENT,
    body: { ticketId, commentId: v7(), body: 'x'.repeat(20_001) },
    status: 400,
    code: 'invalid',
  }),
  'a body that says it is plain text': () => ({
    path: CREATE,
    raw: '{}',
    headers: { 'content-type': 'text/plain' },
    status: 400,
    code: 'invalid',
  }),
  'GET with input that is no JSON': () => ({
    path: '/trpc/tickets.get?input={',
    method: 'GET',
    status: 400,
    code: 'invalid',
  }),
  'GET without the input': () => ({ path: '/trpc/tickets.get', method: 'GET', status: 400, code: 'invalid' }),
  'GET with a filter of the wrong type': () => ({
    path: `/trpc/tickets.list?input=${encodeURIComponent('{"limit":"many","status":"open"}')}`,
    method: 'GET',
    status: 400,
    code: 'invalid',
  }),
  'GET for a change': () => ({ path: CREATE, method: 'GET', status: 400, code: 'invalid' }),
  'POST for a question': () => ({ path: '/trpc/tickets.get', body: {}, status: 400, code: 'invalid' }),
  'an idempotency key that is no UUID': () => ({
    path: CREATE,
    body: { ticketId: v7(), title: 'A' },
    headers: { 'idempotency-key': 'again' },
    status: 400,
    code: 'invalid',
  }),
  'one idempotency key for a batch': () => ({
    path: `${CREATE},tickets.create?batch=1`,
    body: { 0: { ticketId: v7(), title: 'A' }, 1: { ticketId: v7(), title: 'B' } },
    headers: { 'idempotency-key': v7() },
    status: 400,
    code: 'invalid',
  }),
  'no token': () => ({ path: CREATE, body: {}, token: null, status: 401, code: 'unauthenticated' }),
  'a token of nobody': () => ({
    path: CREATE,
    body: {},
    token: 'x'.repeat(4000),
    status: 401,
    code: 'unauthenticated',
  }),
  'a wrong password': () => ({
    path: '/trpc/accounts.logIn',
    body: { email: 'ada@example.com', password: 'not this one' },
    token: null,
    status: 401,
    code: 'wrong-credentials',
  }),
  'a set-up where there was one': () => ({
    path: '/trpc/accounts.setUp',
    body: { name: 'Eve', email: 'eve@example.com', password: 'correct horse', token: 'guess' },
    token: null,
    status: 409,
    code: 'already-set-up',
  }),
}

async function send({ world, ada }: Scene, { path, method = 'POST', body, raw, headers, token = ada.token }: Call) {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${world.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    ...(method !== 'GET' && { body: raw ?? JSON.stringify(body) }),
  })
  return { status: response.status, code: codeIn(await response.json()) }
}

/** The code of a tRPC answer, of the first of a batch, or of a problem document. */
function codeIn(answer: unknown): string | undefined {
  if (Array.isArray(answer)) return codeIn(answer[0])
  const { error, code } = answer as { error?: { data: { code: string } }; code?: string }
  return error?.data.code ?? code
}

it.each(Object.keys(CALLS))('answers %s with a code, and changes nothing', async (name) => {
  const scene = await setScene()
  await using _world = scene.world
  const call = CALLS[name]?.(scene)
  if (call === undefined) throw new Error(`there is no call ${name}`)
  const { status, code } = call
  // That somebody tried to sign in is kept.
  const except = code === 'wrong-credentials' ? ['attempt', 'audit', 'meta'] : []
  expect(await leavingNoTrace(scene, () => send(scene, call), { except })).toEqual({ status, code })
})

it('adds a person who is named a member of the same department twice once', async () => {
  const scene = await setScene()
  await using world = scene.world
  const desk = await world.desk()
  const departmentId = await world.department('support')
  const person = { name: 'Zoe', email: 'zoe@example.com', role: 'agent' as const }
  await desk.api.accounts.createUser.mutate({ ...person, departments: [departmentId, departmentId] })
  const members = await desk.api.accounts.people.query({ departmentId })
  expect(members.map(({ name }) => name)).toContain('Zoe')
  expect(scene.faults).toEqual([])
})

it('takes one idempotency key for one command, and tells somebody else that it is taken', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const key = { 'idempotency-key': v7() }
  const [first, second] = [v7(), v7()]
  const create = (ticketId: string, token?: string) =>
    send(scene, { path: CREATE, body: { ticketId, title: 'A' }, headers: key, token, status: 0, code: '' })
  expect(await create(first)).toEqual({ status: 200, code: undefined })
  await leavingNoTrace(scene, async () => {
    expect(await create(first)).toEqual({ status: 200, code: undefined })
    expect(await create(second)).toEqual({ status: 422, code: 'key-reused' })
    const desk = await scene.world.desk()
    expect(await create(second, desk.token)).toEqual({ status: 409, code: 'id-taken' })
  })
  await expect(scene.ada.api.tickets.get.query({ ticketId: second })).rejects.toThrow(/no ticket/)
})
