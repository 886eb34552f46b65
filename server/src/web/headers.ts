/** What every answer tells browsers to refuse, and which other sites may call the API. */
import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'

const HALF_A_YEAR_S = 15_552_000
const ONE_HOUR_S = 3600

/** Answers that are no page load nothing and are framed by nobody; pages bring a policy of their own. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'"

/** What no page of the server asks a browser for. */
const NOTHING_OF_THE_MACHINE = {
  camera: [],
  displayCapture: [],
  fullscreen: [],
  geolocation: [],
  microphone: [],
  midi: [],
  payment: [],
  serial: [],
  usb: [],
}

export function securityHeaders(publicUrl: string): MiddlewareHandler {
  const isHttps = publicUrl.startsWith('https:')
  const set = secureHeaders({
    strictTransportSecurity: isHttps ? `max-age=${HALF_A_YEAR_S}` : false,
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    crossOriginResourcePolicy: 'same-site',
    permissionsPolicy: NOTHING_OF_THE_MACHINE,
  })
  return async (context, next) => {
    await set(context, next)
    if (!context.res.headers.has('content-security-policy')) context.header('content-security-policy', NO_PAGE)
    // Tokens, and what only its reader may see: in no cache, of a browser or on the way.
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
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
