/** The list of sessions, and ending them: one, the others, and by an administrator. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { transactionsInLog } from '../harness/database.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until, type World } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const MINUTE = 60_000

async function bob(world: World) {
  const { api } = await world.desk()
  const account = { name: 'Bob', email: 'bob@example.com', password: PASSWORD }
  const { output } = await api.accounts.createUser.mutate({ ...account, role: 'agent' })
  const { email, password } = account
  const logIn = async (device?: string) => {
    const { accounts } = connectApi(world.url)
    const done = await accounts.logIn.mutate({ email, password, ...(device !== undefined && { device }) })
    return connectApi(world.url, done.output.token)
  }
  return { id: output.userId, logIn }
}

it('lists one’s sessions with device, address, client and when they were last used', async () => {
  await using world = await startWorld()
  const { logIn } = await bob(world)
  const began = world.clock.now()
  const laptop = await logIn('Bob’s laptop')
  world.clock.advance(MINUTE)
  await logIn()
  await world.advance(10 * MINUTE)
  await laptop.accounts.me.query()
  await world.advance(MINUTE)
  const sessions = await laptop.accounts.sessions.query()
  const place = { address: '127.0.0.1', userAgent: expect.stringContaining('node') }
  expect(sessions).toEqual([
    {
      ...place,
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      device: 'Bob’s laptop',
      createdAt: began,
      lastSeenAt: began + 11 * MINUTE,
      expiresAt: expect.any(Number),
      isCurrent: true,
    },
    expect.objectContaining({ ...place, device: null, lastSeenAt: began + MINUTE, isCurrent: false }),
  ])
})

it('notes the use of a session without a transaction for each request', async () => {
  await using world = await startWorld()
  const { logIn } = await bob(world)
  const api = await logIn()
  const before = transactionsInLog(world.dataDir)
  for (let call = 0; call < 20; call += 1) await api.accounts.me.query()
  expect(transactionsInLog(world.dataDir)).toBe(before)
  await world.advance(MINUTE)
  expect(transactionsInLog(world.dataDir)).toBe(before + 1)
  for (let call = 0; call < 20; call += 1) await api.accounts.me.query()
  await world.advance(MINUTE)
  expect(transactionsInLog(world.dataDir)).toBe(before + 1)
})

it('ends one of one’s sessions, and no other', async () => {
  await using world = await startWorld()
  const { logIn } = await bob(world)
  const [phone, laptop] = [await logIn('phone'), await logIn('laptop')]
  const [lost] = (await laptop.accounts.sessions.query()).filter(({ device }) => device === 'phone')
  await laptop.accounts.revokeSession.mutate({ sessionId: lost?.id ?? '' })
  expect(await codeOf(phone.accounts.me.query())).toBe('unauthenticated')
  expect(await codeOf(laptop.accounts.me.query())).toBe('done')
  expect(await codeOf(laptop.accounts.revokeSession.mutate({ sessionId: lost?.id ?? '' }))).toBe('forbidden')
})

it('ends all other sessions of one’s own', async () => {
  await using world = await startWorld()
  const { logIn } = await bob(world)
  const [phone, tablet, laptop] = [await logIn(), await logIn(), await logIn()]
  const eve = await world.person('eve', 'agent')
  expect((await laptop.accounts.revokeOtherSessions.mutate()).output).toEqual({ ended: 2 })
  for (const api of [phone, tablet]) expect(await codeOf(api.accounts.me.query())).toBe('unauthenticated')
  for (const api of [laptop, eve.api]) expect(await codeOf(api.accounts.me.query())).toBe('done')
})

it.each(['requester', 'agent', 'supervisor', 'admin'] as const)(
  'lets only an administrator see and end the sessions of others: %s',
  async (role) => {
    await using world = await startWorld()
    const { id, logIn } = await bob(world)
    const phone = await logIn()
    const [session] = await phone.accounts.sessions.query()
    const { api } = await world.person('other', role)
    const answer = role === 'admin' ? 'done' : 'forbidden'
    expect(await codeOf(api.accounts.sessions.query({ userId: id }))).toBe(answer)
    expect(await codeOf(api.accounts.revokeSession.mutate({ sessionId: session?.id ?? '' }))).toBe(answer)
    await logIn()
    expect(await codeOf(api.accounts.revokeSessionsOf.mutate({ userId: id }))).toBe(answer)
    expect(await codeOf(phone.accounts.me.query())).toBe(role === 'admin' ? 'unauthenticated' : 'done')
  },
)

it('closes the sockets of a session that an administrator ends at once; the device keeps its work', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await until(ada, () => ada.held().includes(ticketId))
  const desk = await world.desk()
  await desk.api.accounts.revokeSessionsOf.mutate({ userId: ada.person.id })
  await until(ada, () => ada.state === 'signed-out')
  await ada.tickets.comment({ ticketId, body: 'Still here' })
  expect([ada.held(), ada.pending().length]).toEqual([[ticketId], 1])

  await ada.signIn(await world.newToken(ada.person.id))
  await ada.settled()
  expect(ada.verdicts()).toMatchObject([{ name: 'comment.add', outcome: 'applied' }])
})

it('ends a long absence with a fresh sign-in, after which everything that waited is judged', async () => {
  await using world = await startWorld()
  const { id, logIn } = await bob(world)
  const person = { id, name: 'Bob', role: 'agent' as const, token: await world.newToken(id), api: await logIn() }
  const device = await world.device(person)
  const { id: ticketId } = await world.ticket({ assignee: person })
  await device.rejoin()
  device.disconnect()
  await device.tickets.comment({ ticketId, body: 'On the way' })
  await device.tickets.resolve({ ticketId, resolution: 'New fuser' })
  await world.advance(200 * 24 * 60 * MINUTE)
  device.connect()
  await until(device, () => device.state === 'signed-out')
  expect(device.pending()).toHaveLength(2)

  const { output } = await device.api.accounts.logIn.mutate({ email: 'bob@example.com', password: PASSWORD })
  await device.signIn(output.token)
  await device.settled()
  expect(device.verdicts().map(({ outcome }) => outcome)).toEqual(['adjusted', 'adjusted'])
  const { id: officeId } = await world.desk()
  const api = connectApi(world.url, await world.newToken(officeId))
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'resolved', resolution: 'New fuser' })
})
