/**
 * The restrictions that every answer imposes on browsers, the sites that may call the API, and the headers that a
 * request may have only once.
 */
import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'

const HALF_A_YEAR_S = 15_552_000
const ONE_HOUR_S = 3600

/** Answers that are no page load nothing and cannot be framed; pages bring a policy of their own. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'"

/** Features of the browser that no page of the server uses. */
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

/** If a request has two of these, a proxy in front may have checked the one that does not count here. */
const SAID_ONCE = ['host', 'authorization', 'content-type', 'origin', 'upgrade', 'sec-websocket-key']

/** The first header of these that the request has twice, by its lower-case name; `raw` is in Node's form. */
export function doubledHeader(raw: readonly string[]): string | null {
  const names = raw.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  return SAID_ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name)) ?? null
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
    // Tokens and private data: no cache may keep them, in a browser or on the way.
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
