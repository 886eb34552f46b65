/** Calls of the API, and exchanges of devices that cannot keep a socket open. */
import type { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Context, HonoRequest } from 'hono'
import { BODY_VALUES } from '@rejoin/shared/budgets.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { decodeFrame, encodeFrame, type Encoding } from '@rejoin/shared/sync/encoding.ts'
import { Exchange, MAX_CALLS } from '@rejoin/shared/sync/wire.ts'
import { assertFewInJson } from '@rejoin/shared/value-count.ts'
import { forPeople } from '../access/token-scopes.ts'
import type { App } from '../app.ts'
import { retryAfterOf } from '../core/api/procedures.ts'
import { textOf } from '../core/input/outside-text.ts'
import { singleExchange } from '../doors/sync/single-exchange.ts'
import { appRouter } from '../router.ts'
import { callContext, callerOf } from './call-context.ts'

/**
 * The request with its body read. Concurrent bodies are read in turns, and one that would take long to parse is
 * refused.
 */
async function readRequest(app: App, { req }: Context): Promise<Request> {
  const { raw } = req
  if (raw.method !== 'POST') return raw
  const body = await textIn(req)
  await app.pace.turn()
  assertFewInJson(body, BODY_VALUES)
  return new Request(raw, { method: 'POST', body })
}

/** The text of a JSON body, which is UTF-8 (RFC 8259). */
async function textIn(req: HonoRequest): Promise<string> {
  return textOf(new Uint8Array(await req.arrayBuffer()), { name: 'The body', hint: 'Send JSON as UTF-8.' })
}

export async function answerCall(app: App, context: Context): Promise<Response> {
  const answer = await fetchRequestHandler({
    endpoint: '/trpc',
    req: await readRequest(app, context),
    router: appRouter,
    maxBatchSize: MAX_CALLS,
    // A page sends a query with the token of a link by POST: proxies log addresses.
    allowMethodOverride: true,
    createContext: ({ info, resHeaders }) =>
      callContext(app, context, {
        paths: info.calls.map(({ path }) => path),
        isBatch: info.isBatchCall,
        headers: resHeaders,
      }),
    responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
    onError({ error, path }) {
      // A refusal before a procedure runs comes wrapped in an internal error.
      if (error.code !== 'INTERNAL_SERVER_ERROR' || error.cause instanceof Refusal) return
      app.log.error({ err: error.cause ?? error, path, requestId: context.get('requestId') }, 'a call failed')
    },
  })
  // With the headers that were set on the way here.
  return context.newResponse(answer.body, answer)
}

export async function syncOnce(app: App, context: Context): Promise<Response> {
  const { session, refusal } = await callerOf(app, context)
  if (refusal !== null) throw refusal
  if (session !== null && session.scopes !== null) throw forPeople('devices')
  if (session === null) throw new Refusal('unauthenticated', 'Nobody is signed in.', 'Sign in and try again.')
  const encoding: Encoding = context.req.header('content-type')?.includes('cbor') === true ? 'cbor' : 'json'
  const { admission, metrics } = app
  const body = encoding === 'cbor' ? new Uint8Array(await context.req.arrayBuffer()) : await textIn(context.req)
  const bytes = Buffer.byteLength(body)
  admission.takeFrame(session.id, bytes)
  await app.pace.turn()
  const exchange = decodeFrame(Exchange, body)
  metrics.exchanges.inc({ door: 'http' })
  metrics.frame('exchange', 'in', bytes)
  const count = exchange.commands.length + (exchange.offered?.length ?? 0)
  const batch = await admission.withCommands(session.id, count, () => singleExchange(app, session.userId, exchange))
  const answer = encodeFrame(batch, encoding)
  metrics.frame('batch', 'out', Buffer.byteLength(answer))
  return context.body(answer, 200, { 'content-type': `application/${encoding}` })
}

function retryHeaders(errors: readonly TRPCError[]): Record<string, string> {
  const waits = errors.flatMap((error) => retryAfterOf(error) ?? [])
  return waits.length === 0 ? {} : { 'retry-after': String(Math.ceil(Math.max(...waits) / 1000)) }
}
