/**
 * Calls addresses elsewhere, signed as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 over
 * `id.timestamp.body`. The id stays the same at every attempt, so that the called system can tell a repetition, and a
 * call of uncertain outcome is repeated. It follows no redirects, and calls public addresses only unless others are
 * allowed.
 */
import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns'
import { request as requestHttp, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Undelivered, type Sender } from '../../core/outbox/outbox.ts'
import { needsTls } from '../../core/runtime/needs-tls.ts'
import { isPublic } from './public-address.ts'
import { keyOf } from './secret.ts'
import type { Webhook } from './tables.ts'

/** The limit for the look-up of the name, the connection and the answer together. */
const PATIENCE_MS = 10_000
const AT_ONCE = 64
const AT_ONCE_TO_ONE = 2

export interface WebhookConfig {
  readonly secret: string
  /** Whether addresses of the own machine and network may be called. */
  readonly allowsPrivate: boolean
}

export function webhookSender(
  { secret, allowsPrivate }: WebhookConfig,
  now: () => number,
  patienceMs = PATIENCE_MS,
): Sender<Webhook> {
  const key = keyOf(secret)
  return {
    atOnce: AT_ONCE,
    atOnceToOne: AT_ONCE_TO_ONE,
    receiverOf: ({ url }) => URL.parse(url)?.host ?? '',
    async deliver({ id, payload: { url, body } }, signal) {
      const text = JSON.stringify(body)
      const timestamp = String(Math.floor(now() / 1000))
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')
      const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
      const headers = { ...signed, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const options = { headers, ...(!allowsPrivate && { lookup: publicOnly(lookup) }) }
      const status = await post(new URL(url), text, { options, patienceMs, signal })
      if (status >= 200 && status < 300) return
      const answer = `${withoutPassword(url)} answered ${status}.`
      const isForGood = status < 500 && ![401, 403, 404, 408, 429].includes(status)
      throw isForGood ? new Undelivered('rejected', answer) : new Error(answer)
    },
  }
}

interface Post {
  readonly options: RequestOptions
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** Resolves with the status of the answer. */
function post(url: URL, body: string, { options, patienceMs, signal }: Post): Promise<number> {
  // A name is looked up; an address that stands in the URL is not.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (options.lookup !== undefined && isIP(host) !== 0 && !isPublic(host)) throw notPublic(host)
  if (url.protocol === 'http:' && needsTls(url)) {
    const message = `${url.host} is called with a password, which goes to another machine over TLS only: use https.`
    throw new Undelivered('rejected', message)
  }
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, method: 'POST', agent: false }, (response) => {
      resolve(response.statusCode ?? 0)
      // Nobody reads the body, which may have no end.
      response.destroy()
    })
    const late = () => call.destroy(new Error(`${url.host} did not answer in ${patienceMs / 1000} s.`))
    const timer = setTimeout(late, patienceMs)
    const stop = () => call.destroy(signal.reason as Error)
    signal.addEventListener('abort', stop)
    call.on('error', reject)
    call.on('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    })
    call.end(body)
  })
}

function withoutPassword(url: string): string {
  const shown = new URL(url)
  if (shown.username + shown.password === '') return url
  shown.username = 'secret'
  shown.password = ''
  return shown.href
}

/**
 * As `look` looks up a name, but refuses one of which any address is not public. The socket connects to what this
 * answers, so no second look-up can lead elsewhere.
 */
export function publicOnly(look: typeof lookup): LookupFunction {
  return (hostname, options, done) => {
    look(hostname, { ...options, all: true }, (error, addresses) => {
      const isPublicAlone = error !== null || addresses.every(({ address }) => isPublic(address))
      done(isPublicAlone ? error : notPublic(hostname), addresses)
    })
  }
}

function notPublic(host: string): Undelivered {
  const message = `${host} is a private address, or no public one; REJOIN_WEBHOOK_PRIVATE=yes allows them.`
  return new Undelivered('rejected', message)
}
