/**
 * How many requests a caller may send: per session, which a device has for itself, and per network only for callers
 * without one. The library counts and writes the headers; the windows are durations by a monotonic clock.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { rateLimiter, type Store } from 'hono-rate-limiter'
import { MAX_CALLS } from '@rejoin/shared/sync/wire.ts'
import type { App } from '../app.ts'
import { callsOf } from './batch.ts'
import { callerOf } from './call-context.ts'
import { RetryLater } from '../core/runtime/retry-later.ts'
import { networkOf } from '../core/runtime/network.ts'
import { lru } from '../core/runtime/lru.ts'

const WINDOW_MS = 60_000
/** The callers unseen for longest are forgotten; their window ended long ago. */
const MAX_CALLERS = 20_000

/** Each call of a batch counts as a request. */
export function requestLimit(app: App): MiddlewareHandler {
  const callers = windows()
  // The library counts one request at a time, so there is one limiter per number of calls, all over the same windows.
  const limits = Array.from({ length: MAX_CALLS }, (_, index) => limitFor(app, countingIn(app, callers, index + 1)))
  return async (context, next) => {
    const calls = callsOf(context.req.url)
    // A batch that is too large is refused, so it counts as one request.
    return await limits[calls > MAX_CALLS ? 0 : calls - 1]?.(context, next)
  }
}

function limitFor(app: App, store: Store): MiddlewareHandler {
  const { requestsPerMinute, anonymousRequestsPerMinute } = app.admission.limits
  return rateLimiter({
    windowMs: WINDOW_MS,
    standardHeaders: 'draft-7',
    limit: async (context: Context) =>
      (await callerOf(app, context)).session === null ? anonymousRequestsPerMinute : requestsPerMinute,
    keyGenerator: async (context) => {
      const { session, client } = await callerOf(app, context)
      return session?.id ?? networkOf(client.address)
    },
    store,
    handler: () => {
      const hint = 'Wait until the minute is over, then send requests more slowly.'
      throw new RetryLater('too-many-requests', 'Too many requests.', { hint, retryAfterMs: WINDOW_MS })
    },
  })
}

function windows() {
  return lru<string, { hits: number; endsAt: number }>(MAX_CALLERS)
}

/** The windows in the form of the library, which compares them with the wall clock. */
function countingIn({ mono }: Pick<App, 'mono'>, callers: ReturnType<typeof windows>, requests: number): Store {
  return {
    increment(key) {
      const known = callers.get(key)
      const window = known === undefined || known.endsAt <= mono() ? { hits: 0, endsAt: mono() + WINDOW_MS } : known
      window.hits += requests
      callers.set(key, window)
      return { totalHits: window.hits, resetTime: new Date(Date.now() + window.endsAt - mono()) }
    },
    decrement: () => undefined,
    resetKey: (key) => void callers.delete(key),
  }
}
