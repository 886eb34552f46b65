/** A connection: the address it comes from, the headers that count, and how long it is kept for more requests. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { clientOf } from '@rejoin/server/access/authenticate.ts'
import { startWorld, type World } from '../harness/world.ts'

const PEER = '192.0.2.9'

/** The address that counts where a proxy at `PEER` passes on `forwarded`. */
function addressOf(forwarded: string | null, peer: string | undefined = PEER): string | null {
  return clientOf((name) => (name === 'x-forwarded-for' ? forwarded : null), peer, 1).address
}

it.each([
  ['203.0.113.8', ['203.0.113.8', '203.0.113.8:40001', ' 203.0.113.8:1 ', '10.0.0.1, 203.0.113.8:40002']],
  ['203.0.113.8', ['::ffff:203.0.113.8', '::ffff:cb00:7108', '::FFFF:203.0.113.8', '[::ffff:cb00:7108]:40001']],
  ['2001:db8::1', ['2001:db8::1', '2001:DB8::1', '[2001:db8::1]', '[2001:db8::1]:40001', '2001:db8:0:0::0:1']],
  ['fe80::1', ['fe80::1', 'fe80::1%eth0', '[fe80::1%25eth0]:40001']],
  [
    PEER,
    ['', ' ', 'unknown', '_hidden', 'unknown:40001', '203.0.113', '203.0.113.8.9', '1.2.3.4:x', '[', '[]:1', '::g'],
  ],
  [PEER, ['203.0.113.8,', '0x7f.1', '203.0.113.008', '2001:db8::1::2', '"203.0.113.8"', 'help.example.com', null]],
])('takes for %s what a proxy writes as any of %j', (address, forms) => {
  expect(new Set(forms.map((form) => addressOf(form)))).toEqual(new Set([address]))
})

it('takes the address of a socket in the same forms, and none for none', () => {
  const peers = ['::ffff:203.0.113.8', '203.0.113.8', 'fe80::1%eth0', '', undefined]
  const seen = peers.map((peer) => clientOf(() => null, peer, 0).address)
  expect(seen).toEqual(['203.0.113.8', '203.0.113.8', 'fe80::1', null, null])
})

it('gives nobody a new limit for another port, another writing, or no address at all', async () => {
  await using world = await startWorld({ settings: { proxies: 1 }, limits: { anonymousRequestsPerMinute: 6 } })
  const statusesFor = async (forms: readonly string[]) => {
    const statuses = []
    for (const form of forms) {
      statuses.push((await fetch(`${world.url}/trpc/accounts.me`, { headers: { 'x-forwarded-for': form } })).status)
    }
    return statuses
  }
  const forms = ['203.0.113.8', '203.0.113.8:1', '203.0.113.8:2', '::ffff:203.0.113.8', '::ffff:cb00:7108']
  expect(await statusesFor([...forms, '[::ffff:cb00:7108]:3', '203.0.113.8:4'])).toEqual([...Array(6).fill(401), 429])
  const garbage = ['unknown', '_a', '_b', '', '-', 'a.example', '_c']
  expect(await statusesFor(garbage)).toEqual([...Array(6).fill(401), 429])
})

/** Sends the lines of a head and resolves with the first line of the answer. */
async function answerTo({ url }: Pick<World, 'url'>, lines: readonly string[]): Promise<string | undefined> {
  const socket = connectTo(url)
  let answer = ''
  socket.on('data', (data: Buffer) => {
    answer += data.toString()
  })
  socket.on('error', () => undefined)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await once(socket, 'close')
  return answer.split('\r\n')[0]
}

function connectTo(url: string): Socket {
  return connect(Number(new URL(url).port), '127.0.0.1')
}

const UPGRADE = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']

it.each([
  { doubled: ['Host: here', 'Host: here'] },
  { doubled: ['Host: here', 'host: elsewhere'] },
  { doubled: ['Host: here', 'Authorization: Bearer a', 'Authorization: Bearer b'] },
  { doubled: ['Host: here', 'Origin: http://here', 'Origin: http://elsewhere'] },
  { doubled: ['Host: here', 'Content-Length: 0', 'Content-Length: 1'] },
  { doubled: ['Host: here', 'Content-Length: 1', 'Transfer-Encoding: chunked'] },
  { doubled: ['Connection: close'] },
])('answers 400 to $doubled, by a request and for a socket', async ({ doubled }) => {
  await using world = await startWorld()
  expect(await answerTo(world, ['GET /healthz HTTP/1.1', ...doubled, 'Connection: close'])).toMatch(/ 400 /)
  const answer = await answerTo(world, ['GET /sync HTTP/1.1', ...doubled, 'Connection: Upgrade', ...UPGRADE])
  expect(answer).toMatch(/ 400 /)
})

it('keeps a connection that waits for its next request longer than proxies do, and says so', async () => {
  await using world = await startWorld()
  const answer = await fetch(`${world.url}/healthz`)
  const [, seconds] = /timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '') ?? []
  expect(Number(seconds)).toBeGreaterThan(75)
})

it('lets connections that wait for their next request make room for new ones, those that wait for longest first', async () => {
  await using world = await startWorld({ limits: { connections: 10 } })
  const open: Socket[] = []
  for (let count = 0; count < 30; count += 1) {
    const socket = connectTo(world.url)
    socket.on('error', () => undefined)
    socket.write('GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /)
    open.push(socket)
  }
  for (const socket of open.slice(0, 20)) if (!socket.destroyed) await once(socket, 'close')
  const newest = open.at(-1)
  newest?.write('GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n')
  expect(String((await once(newest as Socket, 'data'))[0])).toMatch(/^HTTP\/1.1 200 /)
  for (const socket of open) socket.destroy()
})
