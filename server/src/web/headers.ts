/** What every answer tells browsers to refuse, and which other sites may call the API. */
import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'

const HALF_A_YEAR_S = 15_552_000
const ONE_HOUR_S = 3600

/** Answers that are no page load nothing and are framed by nobody; pages bring a policy of their own. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'"

export function securityHeaders(publicUrl: string): MiddlewareHandler {
  const isHttps = publicUrl.startsWith('https:')
  const set = secureHeaders({
    strictTransportSecurity: isHttps ? `max-age=${HALF_A_YEAR_S}` : false,
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    crossOriginResourcePolicy: 'same-site',
  })
  return async (context, next) => {
    await set(context, next)
    if (!context.res.headers.has('content-security-policy')) context.header('content-security-policy', NO_PAGE)
  }
}

/** By a token only: a page of another site never has the cookie. */
export function otherSites(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposeHeaders: ['retry-after', 'x-request-id', 'ratelimit', 'ratelimit-policy'],
    maxAge: ONE_HOUR_S,
  })
}
