/** Listens: the HTTP server with its certificate and its time limits. Its paths are in `routes.ts`. */
import type { IncomingMessage, ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { App } from '../app.ts'
import type { TlsConfig } from '../operations/config/listening.ts'
import { endsWithin } from '../core/runtime/timeout.ts'
import { routes } from './routes.ts'
import { Sockets } from './sockets.ts'
import type { Limits } from '../doors/sync/admission.ts'
import { addressOf, originsOf } from '../core/runtime/addresses.ts'
import { changesOf, readCertificate, type Certificate } from './certificate.ts'
import { KEEP_ALIVE_MS, makeRoom } from './unused.ts'

/** Connections that the system queues until they are accepted: a client beyond that retries after seconds. */
const BACKLOG = 4096

export interface Listening {
  readonly url: string
  /** Every origin under which it can be opened, `url` first. */
  readonly urls: readonly string[]
  /** Accepts no more requests; finishes those under way within `graceMs`, and closes the connections. */
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
      // Commands under way still get their answer.
      await endsWithin(graceMs, app.commits.idle())
      await sockets.close(graceMs)
      if ('closeIdleConnections' in server) server.closeIdleConnections()
      await endsWithin(graceMs, closed)
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

function securedBy(serverOptions: ServerOptions & { headersTimeout: number }, certificate: Certificate) {
  const handshakeTimeout = serverOptions.headersTimeout
  return { createServer, serverOptions: { ...serverOptions, ...certificate, handshakeTimeout } }
}

/** A renewed certificate is used from the next connection on; an unusable one, not at all. */
function keepCertificate(app: App, tls: TlsConfig, server: Pick<Server, 'setSecureContext'>): void {
  const hasChanged = changesOf(tls)
  app.jobs.add('certificate', '*/30 * * * * *', () => {
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
    // How often Node looks for late requests.
    connectionsCheckingInterval: Math.min(1000, headMs),
    // A request for another protocol is answered as if it had not asked.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === undefined) return error
  const why = error.code === 'EADDRINUSE' ? 'is in use' : 'cannot be used by this user or on this machine'
  return new Refusal('unavailable', `The address ${addressOf(host, port)} ${why}.`, 'Set REJOIN_HOST or REJOIN_PORT.')
}
