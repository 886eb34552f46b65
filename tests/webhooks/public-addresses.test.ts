/** Which addresses a webhook reaches: one row for each range that is no public host, and for what carries another address. */
import type { lookup } from 'node:dns'
import { expect, it } from 'vitest'
import { isPublic } from '@rejoin/server/slices/webhooks/public-address.ts'
import { publicOnly } from '@rejoin/server/slices/webhooks/sender.ts'

const PUBLIC = [
  '1.1.1.1',
  '192.0.1.1',
  '198.17.255.255',
  '198.20.0.1',
  '223.255.255.254',
  '2606:4700:4700::1111',
  '2a00::1',
]

const NOT_PUBLIC = {
  'this host': ['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.255.254', '::1', '::'],
  'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  'carriers and links': ['100.64.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  'site-local': ['fec0::1', 'feff::1'],
  'protocol assignments': ['192.0.0.1', '192.0.0.170', '2001:1::1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  benchmarking: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'reserved and broadcast': ['240.0.0.1', '255.255.255.255', '192.88.99.1', '4000::1', '5f00::1'],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:c0a8:101'],
  'IPv4-compatible': ['::127.0.0.1', '::7f00:1', '::8.8.8.8'],
  'IPv4-translated': ['::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::8.8.8.8', '64:ff9b:1::1'],
  '6to4': ['2002:7f00:1::1', '2002:a00:1::1', '2002:808:808::1'],
  Teredo: ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  'discard and identifiers': ['100::1', '2001:10::1', '2001:20::1'],
  'no address': ['', 'localhost', '1.2.3.4.5', '256.1.1.1', '1.2.3.4/8'],
}

it.each(PUBLIC)('calls %s', (address) => expect(isPublic(address)).toBe(true))

it.each(Object.entries(NOT_PUBLIC))('does not call %s', (_, addresses) => {
  expect(addresses.filter(isPublic)).toEqual([])
})

it.each([
  { answers: ['1.1.1.1', '2606:4700:4700::1111'], called: ['1.1.1.1', '2606:4700:4700::1111'] },
  { answers: ['1.1.1.1', '10.0.0.1'], called: [] },
  { answers: ['2606:4700:4700::1111', '::ffff:127.0.0.1'], called: [] },
  { answers: ['64:ff9b::a00:1'], called: [] },
])('connects to what the one look-up answered, $answers, or to none of them', async ({ answers, called }) => {
  let looks = 0
  const look = (_name: string, _options: object, done: (error: null, found: object[]) => void) => {
    looks += 1
    done(
      null,
      answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  const connected = await new Promise<readonly string[]>((resolve) => {
    publicOnly(look as unknown as typeof lookup)('desk.example.com', { all: true }, (error, found) => {
      resolve(error !== null || typeof found === 'string' ? [] : found.map(({ address }) => address))
    })
  })
  expect(connected).toEqual(called)
  expect(looks).toBe(1)
})
