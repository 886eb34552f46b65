/** Tokens for other programs: what they may do, and everything that they may not. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import type { Action, Role } from '@rejoin/shared/access/access.ts'
import { callApi } from '../access/doors.ts'
import { RawSocket } from '../doors/socket.ts'
import { dump } from '../harness/database.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'
import { BOB, hire } from './second-step.ts'

const DAY = 24 * 3_600_000
const { password } = BOB

async function tokenFor(world: World, scopes: readonly Action[], days = 30, role: Role = 'agent') {
  const bob = await hire(world, role)
  const { output } = await bob.api.accounts.apiTokens.create.mutate({
    name: 'Wiki',
    scopes: [...scopes],
    days,
    password,
  })
  return { ...output, bob, api: connectApi(world.url, output.token) }
}

it('does what its scopes name, in its owner’s name', async () => {
  await using world = await startWorld()
  const { api, bob } = await tokenFor(world, ['ticket.create', 'ticket.read', 'comment.public'])
  const ticketId = v7()
  await api.tickets.create.mutate({ ticketId, title: 'Printer' })
  await api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'From the wiki' })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ title: 'Printer', requesterId: bob.id })
  expect((await api.tickets.list.query()).tickets).toMatchObject([{ id: ticketId }])
  const internal = { ticketId, commentId: v7(), body: 'Between us', visibility: 'internal' as const }
  expect(await codeOf(api.tickets.comment.mutate(internal))).toBe('forbidden')
  expect(await codeOf(api.tickets.cancel.mutate({ ticketId }))).toBe('forbidden')
})

it.each([
  { scope: 'comment.internal', allowed: 'internal', refused: 'public', other: 'comment.public' },
  { scope: 'comment.public', allowed: 'public', refused: 'internal', other: 'comment.internal' },
] as const)('adds with $scope alone comments that are $allowed, and none that are $refused', async (row) => {
  await using world = await startWorld()
  const { api, bob } = await tokenFor(world, [row.scope])
  const { id: ticketId } = await world.ticket()
  const comment = (visibility: 'public' | 'internal', id = ticketId) =>
    api.tickets.comment.mutate({ ticketId: id, commentId: v7(), body: `For ${visibility}`, visibility })
  expect((await comment(row.allowed)).outcome).toBe('applied')
  await expect(comment(row.refused)).rejects.toMatchObject({
    message: `This API token does not have the scope ${row.other}.`,
    data: { code: 'forbidden', hint: 'Create a token with this scope.' },
  })
  const { items } = await bob.api.tickets.comments.query({ ticketId })
  expect(items).toMatchObject([{ visibility: row.allowed }])
  const { id: elsewhere } = await world.ticket({ departmentId: await world.department('depot') })
  for (const id of [elsewhere, v7()]) {
    expect([await codeOf(comment(row.allowed, id)), await codeOf(comment(row.refused, id))]).toEqual([
      'not-found',
      'not-found',
    ])
  }
})

it('watches for its owner with ticket.watch, and for nobody else', async () => {
  await using world = await startWorld()
  const { api } = await tokenFor(world, ['ticket.watch'], 30, 'supervisor')
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket()
  expect(await codeOf(api.tickets.watch.mutate({ ticketId }))).toBe('done')
  await expect(api.tickets.watch.mutate({ ticketId, userId: ada.id })).rejects.toMatchObject({
    message: 'This API token does not have the scope ticket.watch-for-others.',
  })
})

it('says that a scope is missing only where it would help', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { api } = await tokenFor(world, ['ticket.create'])
  const forAda = { ticketId: v7(), title: 'Printer', requesterId: ada.id }
  await expect(api.tickets.create.mutate(forAda)).rejects.toMatchObject({
    message: 'This API token does not have the scope ticket.create-for-others.',
  })
})

it('advises no scope to somebody whose role does not have the right', async () => {
  await using world = await startWorld()
  const { api, bob } = await tokenFor(world, ['comment.public'], 30, 'requester')
  const ticketId = v7()
  await bob.api.tickets.create.mutate({ ticketId, title: 'Scanner' })
  const internal = { ticketId, commentId: v7(), body: 'Between us', visibility: 'internal' as const }
  await expect(api.tickets.comment.mutate(internal)).rejects.toMatchObject({
    message: expect.stringContaining('You may not do this (comment.internal)'),
  })
})

it('gives no right that its owner does not have', async () => {
  await using world = await startWorld()
  const { api, bob } = await tokenFor(world, ['ticket.assign', 'ticket.read'])
  const { id: ticketId } = await world.ticket({ requesterId: bob.id })
  expect(await codeOf(api.tickets.assign.mutate({ ticketId, agentId: bob.id }))).toBe('forbidden')
})

it('opens no door of devices', async () => {
  await using world = await startWorld()
  const { token } = await tokenFor(world, ['ticket.read', 'ticket.read-internal', 'ticket.replicate'])
  const { id: ticketId } = await world.ticket()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${world.url}/sync`, { method: 'POST', headers, body: '{}' })
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'forbidden' }])
  for (const path of ['/sync', `/yjs/${ticketId}`]) {
    const socket = await RawSocket.open(world.url, path, token)
    await socket.until(() => socket.closed !== null)
    expect(socket.closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^forbidden/) })
  }
})

it('is refused together with a call that it is not for', async () => {
  await using world = await startWorld()
  const { token } = await tokenFor(world, ['department.list'])
  const answer = await fetch(`${world.url}/trpc/departments.list,accounts.me?batch=1`, {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await answer.text()).not.toContain('"result"')
})

it('is made for work only, and by who knows the password', async () => {
  await using world = await startWorld()
  const bob = await hire(world)
  const good = { name: 'Wiki', scopes: ['ticket.read'], days: 30, password }
  const make = (change: object) => callApi(world.url, bob.token, 'accounts.apiTokens.create', { ...good, ...change })
  expect(await make({ password: 'not the password' })).toBe('wrong-credentials')
  for (const scope of ['user.create', 'session.manage', 'audit.read', 'second-step.manage', 'anything']) {
    expect(await make({ scopes: [scope] })).toBe('invalid')
  }
  expect(await make({ scopes: [] })).toBe('invalid')
  expect(await make({ days: 366 })).toBe('invalid')
  expect(await make({})).toBeNull()
})

it('ends when its days are over, when it is revoked, and with its owner’s account', async () => {
  await using world = await startWorld()
  const { id, api, bob } = await tokenFor(world, ['department.list'])
  const make = async (days: number) => {
    const input = { name: 'Other', scopes: ['department.list' as const], days, password }
    return connectApi(world.url, (await bob.api.accounts.apiTokens.create.mutate(input)).output.token)
  }
  const [short, long] = [await make(1), await make(30)]
  await world.advance(DAY)
  expect(await codeOf(short.departments.list.query())).toBe('unauthenticated')
  await bob.api.accounts.apiTokens.revoke.mutate({ tokenId: id })
  expect(await codeOf(api.departments.list.query())).toBe('unauthenticated')
  expect(await codeOf(long.departments.list.query())).toBe('done')
  await (await world.desk()).api.accounts.disable.mutate({ userId: bob.id })
  expect(await codeOf(long.departments.list.query())).toBe('unauthenticated')
})

it('is listed with its use, and revoked, by its owner and by administrators', async () => {
  await using world = await startWorld()
  const { id, token, api, bob } = await tokenFor(world, ['department.list'])
  await api.departments.list.query()
  await world.advance(60_000)
  const row = { id, name: 'Wiki', scopes: ['department.list'], lastSeenAt: expect.any(Number), address: '127.0.0.1' }
  expect(await bob.api.accounts.apiTokens.list.query()).toMatchObject([row])
  const desk = await world.desk()
  const sue = await world.person('sue', 'supervisor')
  expect(await desk.api.accounts.apiTokens.list.query({ userId: bob.id })).toMatchObject([row])
  expect(await codeOf(sue.api.accounts.apiTokens.list.query({ userId: bob.id }))).toBe('forbidden')
  expect(await codeOf(sue.api.accounts.apiTokens.revoke.mutate({ tokenId: id }))).toBe('forbidden')
  expect(JSON.stringify(dump(world.dataDir))).not.toContain(token)
  await desk.api.accounts.revokeSessionsOf.mutate({ userId: bob.id })
  expect(await codeOf(api.departments.list.query())).toBe('unauthenticated')
  const { entries } = await desk.api.audit.list.query({ subjectId: bob.id, type: 'api-token-revoked' })
  expect(entries).toMatchObject([{ actorId: desk.id, payload: { name: 'Wiki' } }])
})
