/**
 * Calls addresses elsewhere, signed as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 over
 * `id.timestamp.body`. The id stays the same at every attempt, so whoever is called can tell a repetition, and what is
 * uncertain is tried again. It follows no redirects, and calls no private address unless that is allowed.
 */
import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns'
import { request as requestHttp, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Undelivered, type Sender } from '../core/outbox.ts'
import type { Webhook } from './tables.ts'

const TIMEOUT_MS = 10_000

export interface WebhookConfig {
  readonly secret: string
  /** Whether addresses of the own machine and network may be called. */
  readonly allowsPrivate: boolean
}

export function webhookSender({ secret, allowsPrivate }: WebhookConfig, now: () => number): Sender<Webhook> {
  return async ({ id, payload: { url, body } }) => {
    const text = JSON.stringify(body)
    const timestamp = String(Math.floor(now() / 1000))
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${text}`).digest('base64')
    const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
    const headers = { ...signed, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const status = await post(new URL(url), text, { headers, ...(!allowsPrivate && { lookup: publicLookup }) })
    if (status >= 200 && status < 300) return
    const answer = `${url} answered ${status}.`
    const isForGood = status < 500 && ![401, 403, 404, 408, 429].includes(status)
    throw isForGood ? new Undelivered('rejected', answer) : new Error(answer)
  }
}

/** Resolves with the status of the answer. */
function post(url: URL, body: string, options: RequestOptions): Promise<number> {
  // A name is looked up; an address that stands in the URL is not.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (options.lookup !== undefined && isIP(host) !== 0 && isPrivate(host)) throw privateAddress(host)
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, method: 'POST', timeout: TIMEOUT_MS }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    call.on('timeout', () => call.destroy(new Error(`${url.host} did not answer in ${TIMEOUT_MS / 1000} s.`)))
    call.on('error', reject)
    call.end(body)
  })
}

/** As the system looks up a name, but refuses one that leads to a private address. */
const publicLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const hidden = addresses?.find(({ address }) => isPrivate(address))
    if (error !== null || hidden === undefined) done(error, addresses)
    else done(privateAddress(hostname), addresses)
  })
}

function privateAddress(host: string): Undelivered {
  return new Undelivered('rejected', `${host} is a private address; REJOIN_WEBHOOK_PRIVATE=yes allows them.`)
}

const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv6')
}

function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
