/** Requests for another protocol than HTTP, at places and for protocols that there are none of. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { startWorld } from '../harness/world.ts'

/** The first line of what the server answers before it hangs up. */
async function answerTo(url: string, path: string, protocol: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: close, Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`)
  let answer = ''
  socket.on('data', (data: Buffer) => {
    answer += data.toString()
  })
  await once(socket, 'close')
  return answer.split('\r\n')[0]
}

it.each([
  { path: '/elsewhere', protocol: 'websocket', answer: 'HTTP/1.1 404 Not Found' },
  { path: '/yjs/a/b', protocol: 'websocket', answer: 'HTTP/1.1 404 Not Found' },
  { path: '//', protocol: 'websocket', answer: 'HTTP/1.1 404 Not Found' },
  { path: '/sync', protocol: 'websocket', answer: 'HTTP/1.1 400 Bad Request' },
  { path: '/sync', protocol: 'h2c', answer: 'HTTP/1.1 404 Not Found' },
  { path: '/healthz', protocol: 'h2c', answer: 'HTTP/1.1 200 OK' },
])('answers $answer to who asks $path for $protocol', async ({ path, protocol, answer }) => {
  await using world = await startWorld()
  expect(await answerTo(world.url, path, protocol)).toBe(answer)
})
