/** What a page of another site can make a browser send along with the cookie: forms, links, and sockets. */
import { expect, it } from 'vitest'
import { contentOf } from '../doors/database.ts'
import { post } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { PROCEDURES, request } from '../access/procedures.ts'
import { startWorld } from '../harness/world.ts'

const EVIL = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }

/** The types that a browser sends without asking the server first. */
it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined])(
  'does nothing that a form of another site asks for, as %s',
  async (type) => {
    await using world = await startWorld()
    const desk = await world.desk()
    await world.person('ada', 'agent')
    const before = await contentOf(world.app)
    const cookie = `rejoin_session=${desk.token}`
    const headers = { ...EVIL, cookie, ...(type !== undefined && { 'content-type': type }) }
    const form = { method: 'POST', headers, body: JSON.stringify({ userId: desk.id, role: 'requester' }) }
    expect((await fetch(`${world.url}/trpc/accounts.setRole`, form)).status).not.toBe(200)
    expect((await fetch(`${world.url}/sync`, form)).status).toBe(401)
    expect(await contentOf(world.app)).toEqual(before)
  },
)

it('changes nothing by a link, with which a browser does send the cookie', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const headers = { cookie: `rejoin_session=${token}` }
  const before = await contentOf(world.app)
  const input = encodeURIComponent('{}')
  const answers = PROCEDURES.map(async (path) => [
    path,
    (await fetch(`${world.url}/trpc/${path}?input=${input}`, { headers })).status,
  ])
  expect((await Promise.all(answers)).filter(([, status]) => status === 500)).toEqual([])
  expect(await contentOf(world.app)).toEqual(before)
  expect((await request(world.url, 'accounts.me', headers)).status).toBe(200)
})

it('opens no socket to a page of another site', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const { id: ticketId } = await world.ticket()
  for (const path of ['/sync', `/yjs/${ticketId}`]) {
    const socket = await RawSocket.open(world.url, path, undefined, { ...EVIL, cookie: `rejoin_session=${token}` })
    expect((await socket.end()).code).toBe(4401)
    expect(socket.messages.join('')).not.toContain(ticketId)
  }
  expect((await post(world.url, token, '{}')).status).toBe(400)
})
