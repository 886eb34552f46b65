/** The HTTP server: health, readiness, metrics, tRPC, sync by request. It reads credentials and maps errors; it decides nothing. */
import type { IncomingMessage, ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { Hono, type Context, type HonoRequest, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ERRORS, Refusal, wipes } from '@rejoin/shared/errors.ts'
import { BODY_VALUES, MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'
import { assertFewInJson } from '@rejoin/shared/values.ts'
import { decodeFrame, encodeFrame, Exchange, MAX_CALLS, type Encoding } from '@rejoin/shared/sync/wire.ts'
import type { App } from '../app.ts'
import { fewCalls } from './batch.ts'
import { callContext, callerOf } from './call-context.ts'
import type { TlsConfig } from '../operations/config/config.ts'
import { Later } from '../core/runtime/busy.ts'
import { textOf } from '../core/input/outside-text.ts'
import { retryAfterOf } from '../core/api/procedures.ts'
import { within } from '../core/runtime/within.ts'
import { readiness } from '../operations/health/readiness.ts'
import { requestLimit } from './rate-limit.ts'
import { servePages } from './pages.ts'
import { appRouter } from '../router.ts'
import { Sockets } from './sockets.ts'
import { forPeople } from '../access/token-scopes.ts'
import type { Limits } from '../doors/sync/admission.ts'
import { exchangeOnce } from '../doors/sync/once.ts'
import { Cloned } from '../doors/sync/greetings.ts'
import { addressOf, originsOf } from '../core/runtime/addresses.ts'
import { changesOf, readCertificate, type Certificate } from './certificate.ts'
import { doubledHeader, otherSites, securityHeaders } from './headers.ts'
import { observe, withRequestId } from './observe.ts'
import { KEEP_ALIVE_MS, makeRoom } from './unused.ts'

const REQUEST_LIMIT_BYTES = 1024 * 1024
/** What is asked without a session is an address, a password, a name. */
const ANONYMOUS_LIMIT_BYTES = 64 * 1024

/** Connections that the system keeps until they are taken: whoever comes when it is full is tried again after seconds. */
const BACKLOG = 4096

export interface Listening {
  readonly url: string
  /** Every origin by which it can be opened, `url` first. */
  readonly urls: readonly string[]
  /** Takes no more; ends what is under way, for `graceMs` at the most, and hangs up. */
  close(graceMs?: number): Promise<void>
}

export async function listen(app: App): Promise<Listening> {
  const { host, port, tls } = app.config
  const sockets = new Sockets(app)
  const state = { isStopping: false }
  const serverOptions = optionsOf(app.admission.limits)
  const secured = tls === null ? { serverOptions } : securedBy(serverOptions, readCertificate(tls))
  const server = await new Promise<ReturnType<typeof createAdaptorServer>>((resolve, reject) => {
    const options = { fetch: routes(app, state).fetch, hostname: host, ...secured }
    const starting = createAdaptorServer(options)
    starting.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) =>
      sockets.upgrade(request, connection, head),
    )
    if ('closeIdleConnections' in starting) makeRoom(starting, app.admission.limits.connections)
    starting.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
    starting.listen({ port, host, backlog: BACKLOG }, () => resolve(starting))
  })
  if (tls !== null && 'setSecureContext' in server) keepCertificate(app, tls, server)
  if ('timeout' in server) server.timeout = app.admission.limits.silentMs
  server.maxConnections = app.admission.limits.connections
  const address = server.address()
  const actualPort = typeof address === 'object' && address !== null ? address.port : port
  const urls = originsOf({ host, port: actualPort, isTls: tls !== null })
  return {
    url: urls[0],
    urls,
    async close(graceMs = 0) {
      state.isStopping = true
      const closed = new Promise((resolve) => server.close(resolve))
      // Whoever has sent something still gets their answer.
      await within(graceMs, app.commits.idle())
      await sockets.close(graceMs)
      if ('closeIdleConnections' in server) server.closeIdleConnections()
      await within(graceMs, closed)
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

function securedBy(serverOptions: ServerOptions & { headersTimeout: number }, certificate: Certificate) {
  const handshakeTimeout = serverOptions.headersTimeout
  return { createServer, serverOptions: { ...serverOptions, ...certificate, handshakeTimeout } }
}

/** A certificate that was renewed is used from the next connection on; one that cannot be used, not at all. */
function keepCertificate(app: App, tls: TlsConfig, server: Pick<Server, 'setSecureContext'>): void {
  const hasChanged = changesOf(tls)
  app.jobs.add('certificate', '*/30 * * * * *', async () => {
    if (!hasChanged()) return
    server.setSecureContext(readCertificate(tls))
    app.log.info({ file: tls.certFile }, 'certificate reloaded')
  })
}

function optionsOf({ headMs, requestMs }: Limits) {
  return {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // How often Node looks for what is late.
    connectionsCheckingInterval: Math.min(1000, headMs),
    // A client that asks for another protocol is answered as if it had not.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === undefined) return error
  const why = error.code === 'EADDRINUSE' ? 'is in use' : 'cannot be used by this user or on this machine'
  return new Refusal('unavailable', `The address ${addressOf(host, port)} ${why}.`, 'Set REJOIN_HOST or REJOIN_PORT.')
}

function routes(app: App, state: { readonly isStopping: boolean }): Hono {
  const { publicUrl, corsOrigins } = app.config
  const http = new Hono()
  http.use(withRequestId, observe(app), securityHeaders(publicUrl))
  http.use(async ({ env }: Context<{ Bindings: HttpBindings }>, next) => {
    const doubled = doubledHeader(env.incoming.rawHeaders)
    if (doubled !== null) throw new Refusal('invalid', `The request has two headers "${doubled}".`, 'Send one of them.')
    await next()
  })
  http.use(async (context, next) => {
    await next()
    // Nothing more is wanted on it.
    if (state.isStopping) context.header('connection', 'close')
  })
  if (corsOrigins.length > 0) {
    http.use('/trpc/*', otherSites(corsOrigins))
    http.use('/sync', otherSites(corsOrigins))
  }
  http.get('/healthz', (context) => context.json({ status: 'ok' }))
  http.get('/readyz', async (context) => {
    const answer = await readiness(app, state.isStopping)
    return context.json(answer, answer.ready ? 200 : 503)
  })
  http.get('/metrics', async (context) => {
    const { body, type } = await app.metrics.text()
    return context.body(body, 200, { 'content-type': type })
  })
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
  servePages(http)
  http.notFound((context) => problem(context, new Refusal('not-found', `There is nothing at ${context.req.path}.`)))
  http.onError((error, context) => {
    if (error instanceof Refusal) return problem(context, error)
    app.log.error({ err: error, path: context.req.path, requestId: context.get('requestId') }, 'a request failed')
    return problem(context, new Refusal('internal', 'The server failed on this request.', 'The cause is in the log.'))
  })
  return http
}

/** The request with its body read. Many that come at once are read in turns, and none that would take long to parse. */
async function readRequest(app: App, { req }: Context): Promise<Request> {
  const { raw } = req
  if (raw.method !== 'POST') return raw
  const body = await textIn(req)
  await app.pace.turn()
  assertFewInJson(body, BODY_VALUES)
  return new Request(raw, { method: 'POST', body })
}

/** Of a body of JSON, which is UTF-8 (RFC 8259). */
async function textIn(req: HonoRequest): Promise<string> {
  return textOf(new Uint8Array(await req.arrayBuffer()), { name: 'The body', hint: 'Send JSON as UTF-8.' })
}

async function answerCall(app: App, context: Context): Promise<Response> {
  const answer = await fetchRequestHandler({
    endpoint: '/trpc',
    req: await readRequest(app, context),
    router: appRouter,
    maxBatchSize: MAX_CALLS,
    // A page asks by POST what it asks with the token of a link: proxies log addresses.
    allowMethodOverride: true,
    createContext: ({ info, resHeaders }) =>
      callContext(app, context, {
        paths: info.calls.map(({ path }) => path),
        isBatch: info.isBatchCall,
        headers: resHeaders,
      }),
    responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
    onError({ error, path }) {
      // What is refused before a procedure runs comes as an internal error around the refusal.
      if (error.code !== 'INTERNAL_SERVER_ERROR' || error.cause instanceof Refusal) return
      app.log.error({ err: error.cause ?? error, path, requestId: context.get('requestId') }, 'a call failed')
    },
  })
  // With the headers that were set on the way here.
  return context.newResponse(answer.body, answer)
}

async function syncOnce(app: App, context: Context): Promise<Response> {
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
  const batch = await admission.withCommands(session.id, count, () => exchangeOnce(app, session.userId, exchange))
  const answer = encodeFrame(batch, encoding)
  metrics.frame('batch', 'out', Buffer.byteLength(answer))
  return context.body(answer, 200, { 'content-type': `application/${encoding}` })
}

function retryHeaders(errors: readonly TRPCError[]): Record<string, string> {
  const waits = errors.flatMap((error) => retryAfterOf(error) ?? [])
  return waits.length === 0 ? {} : { 'retry-after': String(Math.ceil(Math.max(...waits) / 1000)) }
}

function bodyOf(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError(context) {
      // The rest of the body is not read, so nothing else can follow on this connection.
      context.header('connection', 'close')
      const message = `The body of this request is too large; the limit is ${maxSize} bytes.`
      return problem(context, new Refusal('too-large', message, 'Send the work in smaller parts.'))
    },
  })
}

/** An RFC 9457 problem document. */
function problem(context: Context, refusal: Refusal): Response {
  const { code, message, hint } = refusal
  const { status } = ERRORS[code]
  const retryAfter = refusal instanceof Later ? refusal.retryAfterMs : undefined
  const body = {
    type: 'about:blank',
    title: code,
    status,
    detail: message,
    code,
    hint,
    retryAfter,
    become: refusal instanceof Cloned ? refusal.become : undefined,
    // A tRPC client reads it as the answer to each of its calls.
    ...(context.req.path.startsWith('/trpc/') && {
      error: { message, code: -32_600, data: { code, hint, retryAfter } },
    }),
    ...(wipes(code) && { wipe: true }),
  }
  if (retryAfter !== undefined) context.header('retry-after', String(Math.ceil(retryAfter / 1000)))
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}
