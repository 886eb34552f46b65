/** Which addresses are on the public internet. The ranges are those of ipaddr.js, which follows the registries of IANA. */
import { isIP, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** All of IPv6 that was ever given to somebody as public; the rest, `::/96` too, is of use to no system elsewhere. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Whether it belongs to one host of the public internet, and carries no other address that might not. */
export function isPublic(address: string): boolean {
  // `ipaddr.js` takes `::1.2.3.4` for IPv4-mapped, which it is not: as a URL has it, there are no dots in IPv6.
  const plain = isIPv6(address) ? URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) : address
  if (plain === undefined || isIP(plain) === 0) return false
  const parsed = ipaddr.process(plain)
  if (parsed.range() !== 'unicast') return false
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST)
}
