/** The addresses under which a server can be opened, whether it listens on all of a machine's addresses or on one. */
import { networkInterfaces } from 'node:os'

/** As many as a person can look through. */
const MOST = 6

export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
}

interface Interface {
  readonly address: string
  readonly family: string
  readonly internal: boolean
  readonly scopeid?: number
}

/** As an origin; an IPv6 address stands in brackets. */
export function originOf({ host, port, isTls }: Endpoint): string {
  return `${isTls ? 'https' : 'http'}://${addressOf(host, port)}`
}

export function addressOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Whether the host stands for every address of the machine, and so for none that a browser opens. */
export function isEveryAddress(host: string): boolean {
  const { hostname } = URL.parse(originOf({ host, port: 1, isTls: false })) ?? {}
  return hostname === '0.0.0.0' || hostname === '[::]' || hostname === '[::ffff:0:0]'
}

/** Origins that can be opened: on this machine first, then from others. */
export function originsOf(
  endpoint: Endpoint,
  interfaces: readonly Interface[] = ofThisMachine(),
): [string, ...string[]] {
  if (!isEveryAddress(endpoint.host)) return [originOf(endpoint)]
  const isOfBothKinds = endpoint.host.includes(':')
  const others = interfaces
    .filter(({ internal, family, scopeid = 0 }) => !internal && (family === 'IPv4' || (isOfBothKinds && scopeid === 0)))
    .map(({ address }) => originOf({ ...endpoint, host: address }))
  return [originOf({ ...endpoint, host: 'localhost' }), ...others.slice(0, MOST - 1)]
}

function ofThisMachine(): Interface[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
}
