/** The paths of the server: health, readiness, metrics, the API, exchanges of devices, pages. */
import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { App } from '../app.ts'
import { readiness } from '../operations/health/readiness.ts'
import { fewCalls } from './batch.ts'
import { callerOf } from './call-context.ts'
import { answerCall, syncOnce } from './calls.ts'
import { doubledHeader, otherSites, securityHeaders } from './headers.ts'
import { observe, withRequestId } from './observe.ts'
import { servePages } from './pages.ts'
import { bodyOf, problem } from './problem.ts'
import { requestLimit } from './rate-limit.ts'

const REQUEST_LIMIT_BYTES = 1024 * 1024
/** A request without a session carries at most an address, a password or a name. */
const ANONYMOUS_LIMIT_BYTES = 64 * 1024

export interface ServerState {
  readonly isStopping: boolean
}

export function routes(app: App, state: ServerState): Hono {
  const http = new Hono()
  everyRequest(http, app, state)
  health(http, app, state)
  calls(http, app)
  servePages(http)
  http.notFound((context) => problem(context, new Refusal('not-found', `There is nothing at ${context.req.path}.`)))
  http.onError((error, context) => {
    if (error instanceof Refusal) return problem(context, error)
    app.log.error({ err: error, path: context.req.path, requestId: context.get('requestId') }, 'a request failed')
    return problem(context, new Refusal('internal', 'The server failed on this request.', 'The cause is in the log.'))
  })
  return http
}

function everyRequest(http: Hono, app: App, state: ServerState): void {
  const { publicUrl, corsOrigins } = app.config
  http.use(withRequestId, observe(app), securityHeaders(publicUrl))
  http.use(async ({ env }: Context<{ Bindings: HttpBindings }>, next) => {
    const doubled = doubledHeader(env.incoming.rawHeaders)
    if (doubled !== null) throw new Refusal('invalid', `The request has two headers "${doubled}".`, 'Send one of them.')
    await next()
  })
  http.use(async (context, next) => {
    await next()
    // No further request is wanted on this connection.
    if (state.isStopping) context.header('connection', 'close')
  })
  if (corsOrigins.length > 0) {
    http.use('/trpc/*', otherSites(corsOrigins))
    http.use('/sync', otherSites(corsOrigins))
  }
}

function health(http: Hono, app: App, state: ServerState): void {
  http.get('/healthz', (context) => context.json({ status: 'ok' }))
  http.get('/readyz', async (context) => {
    const answer = await readiness(app, state.isStopping)
    return context.json(answer, answer.ready ? 200 : 503)
  })
  http.get('/metrics', async (context) => {
    const { body, type } = await app.metrics.text()
    return context.body(body, 200, { 'content-type': type })
  })
}

function calls(http: Hono, app: App): void {
  const limit = requestLimit(app)
  http.use('/trpc/*', limit, fewCalls)
  const ofPeople = bodyOf(REQUEST_LIMIT_BYTES)
  const ofNobody = bodyOf(ANONYMOUS_LIMIT_BYTES)
  http.use('/trpc/*', async (context, next) => {
    const { session } = await callerOf(app, context)
    return (session === null ? ofNobody : ofPeople)(context, next)
  })
  http.all('/trpc/*', (context) => answerCall(app, context))
  http.post('/sync', limit)
  http.post('/sync', bodyOf(MAX_FRAME_BYTES), (context) => syncOnce(app, context))
}
