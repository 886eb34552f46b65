/** Every request has an id, in its answer and in its log lines, and is counted by its route. */
import type { MiddlewareHandler } from 'hono'
import { requestId } from 'hono/request-id'
import { monotonicMs } from '../core/runtime/clock.ts'
import type { Log } from '../core/runtime/log.ts'
import type { Metrics } from '../core/runtime/metrics.ts'

/** The labels of requests in the metrics: a closed set, for arbitrary paths. */
const ROUTES = ['trpc', 'sync', 'metrics', 'healthz', 'readyz', 'setup', 'join', 'reset-password', 'sign-in', 'pages']

/** Takes the id from a proxy, or makes one. */
export const withRequestId: MiddlewareHandler = requestId({ limitLength: 64 })

/** Logs the path but never the query string, which may hold secrets. */
export function observe({ log, metrics }: { log: Log; metrics: Metrics }): MiddlewareHandler {
  return async (context, next) => {
    const startedAt = monotonicMs()
    await next()
    const { method, path } = context.req
    const { status } = context.res
    const ms = monotonicMs() - startedAt
    const [, first = ''] = path.split('/')
    const route = ROUTES.includes(first) ? first : 'other'
    metrics.requests.inc({ route, status: String(status) })
    metrics.requestSeconds.observe({ route }, ms / 1000)
    log.debug({ requestId: context.get('requestId'), method, path, status, ms: Math.round(ms) }, 'a request')
  }
}
