/** A device whose person's account is disabled erases what the server has, and keeps what only it has. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { DOCUMENT_PREFIX, HANDED_OVER_PREFIX, VERDICT_PREFIX } from '@rejoin/client-sdk/ledger/records.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { sqliteStore } from '@rejoin/client-sdk/stores/sqlite.ts'
import type { Store, StoreWrite } from '@rejoin/client-sdk/stores/store.ts'
import { command } from '@rejoin/server/core/command.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { post, exchangeWith } from '../../doors/exchange.ts'
import { startWorld, until, type Field, type World } from '../../harness/world.ts'

const DAY = 24 * 3_600_000

/** What a command under way may meet: the account is disabled, and nobody has hung up yet. */
const setStatus = command({
  name: 'harness.set-status',
  input: z.object({ userId: z.string(), status: z.enum(['active', 'disabled']) }),
  async run({ tx }, { userId, status }) {
    await tx.updateTable('user').set({ status }).where('id', '=', userId).execute()
  },
})

async function put(world: World, { person }: Pick<Field, 'person'>, status: 'active' | 'disabled'): Promise<void> {
  await world.app.commits.commitOrThrow(setStatus, { userId: person.id, status }, { actorId: SYSTEM_ID })
}

async function disable(world: World, { person }: Pick<Field, 'person'>): Promise<void> {
  await (await world.desk()).api.accounts.disable.mutate({ userId: person.id })
}

async function enable(world: World, { person }: Pick<Field, 'person'>): Promise<void> {
  await (await world.desk()).api.accounts.enable.mutate({ userId: person.id })
}

/** Something of each kind that a device stores: documents, a ticket handed over, verdicts of every sort, waiting work. */
async function busyDevice(world: World, store: Store) {
  const desk = await world.desk()
  const ada = await world.device(await world.person('ada', 'agent'), store)
  const mine = await world.ticket({ assignee: ada.person, description: 'Behind the reception' })
  const lost = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  await ada.tickets.comment({ ticketId: mine.id, body: 'Looked at it' })
  await ada.settled()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: lost.id, body: 'Half done' })
  await ada.tickets.move({ ticketId: mine.id, departmentId: crypto.randomUUID() })
  await desk.api.tickets.unassign.mutate({ ticketId: lost.id })
  await desk.api.tickets.move.mutate({ ticketId: lost.id, departmentId: await world.department('elsewhere') })
  await ada.rejoin()
  expect(ada.handedOver()).toEqual([lost.id])
  expect(ada.verdicts().map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'refused'])
  ada.disconnect()
  await ada.tickets.resolve({ ticketId: mine.id, resolution: 'New fuser' })
  ada.text(mine.id, 'description').insert(0, 'Third floor. ')
  return { ada, mine, lost }
}

/** What the device tells after a wipe: nothing of the server's. */
function expectWiped(ada: Field): void {
  expect(ada.state).toBe('signed-out')
  expect(ada.problem).toMatchObject({ code: 'account-disabled', hint: expect.stringContaining('administrator') })
  expect([ada.held(), ada.handedOver(), ada.queue()]).toEqual([[], [], []])
  expect(ada.verdicts()).toMatchObject([{ name: 'ticket.move', outcome: 'refused', code: 'not-found' }])
  expect(ada.inbox()[0]).not.toHaveProperty('message')
  expect(ada.pending().map(({ name }) => name)).toEqual(['ticket.resolve', 'text.write'])
}

function serversKeys(records: Iterable<readonly [string, unknown]>): string[] {
  const keys = [...records].map(([key]) => key)
  return keys.filter((key) => [DOCUMENT_PREFIX, HANDED_OVER_PREFIX].some((prefix) => key.startsWith(prefix)))
}

it.each(['memory', 'sqlite'])('erases what it holds from its store: %s', async (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-wipe-'))
  try {
    await using world = await startWorld()
    const store = kind === 'memory' ? memoryStore() : sqliteStore(join(folder, 'ada.db'))
    const { ada } = await busyDevice(world, store)
    await disable(world, ada)
    ada.connect()
    await until(ada, () => ada.state === 'signed-out')
    expectWiped(ada)
    await ada.close()
    const records = await store.load()
    expect(serversKeys(records)).toEqual([])
    expect([...records.keys()].filter((key) => key.startsWith(VERDICT_PREFIX))).toHaveLength(1)
    await store.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('goes on with the work that waited when the account is enabled again', async () => {
  await using world = await startWorld()
  const { ada, mine } = await busyDevice(world, memoryStore())
  await disable(world, ada)
  ada.connect()
  await until(ada, () => ada.state === 'signed-out')
  await enable(world, ada)
  await ada.signIn(await world.newToken(ada.person.id))
  await ada.settled()
  expect(ada.verdicts().slice(1)).toMatchObject([
    { name: 'ticket.resolve', outcome: 'adjusted', code: 'credited-after-reassignment' },
    { name: 'text.write', outcome: 'applied' },
  ])
  const { api } = await world.desk()
  expect(await api.tickets.get.query({ ticketId: mine.id })).toMatchObject({
    status: 'resolved',
    description: 'Third floor. Behind the reception',
  })
})

it('is wiped when it comes back long after its session would have been over', async () => {
  await using world = await startWorld()
  const { ada } = await busyDevice(world, memoryStore())
  await disable(world, ada)
  await world.advance(200 * DAY)
  ada.connect()
  await until(ada, () => ada.state === 'signed-out')
  expectWiped(ada)
  expect(ada.held()).toEqual([])
})

it('is not wiped when the account is enabled again before it comes back', async () => {
  await using world = await startWorld()
  const { ada, mine } = await busyDevice(world, memoryStore())
  await disable(world, ada)
  await enable(world, ada)
  ada.connect()
  await until(ada, () => ada.state === 'signed-out')
  expect(ada.problem).toMatchObject({ code: 'unauthenticated' })
  expect(ada.held()).toEqual([mine.id])
  expect(ada.pending()).toHaveLength(2)
})

it('takes a wipe that its disk would not take at the next contact, and is not signed out before', async () => {
  await using world = await startWorld()
  const disk = memoryStore()
  let isFull = false
  const refuseToErase = async (write: StoreWrite) => {
    if (isFull && write.delete.some((key) => key.startsWith(DOCUMENT_PREFIX))) throw new Error('the disk is full')
    await disk.write(write)
  }
  const { ada } = await busyDevice(world, { ...disk, write: refuseToErase })
  isFull = true
  await disable(world, ada)
  ada.connect()
  await until(ada, () => ada.state === 'waiting')
  expect(ada.problem).toMatchObject({ message: 'the disk is full' })
  expect(ada.held()).toHaveLength(1)
  isFull = false
  ada.connect()
  await until(ada, () => ada.state === 'signed-out')
  expectWiped(ada)
})

it('ends in a wipe when the device dies between the order and its execution', async () => {
  await using world = await startWorld()
  const disk = memoryStore()
  const atTheOrder: [string, unknown][] = []
  const dying = async (write: StoreWrite) => {
    if (write.delete.some((key) => key.startsWith(DOCUMENT_PREFIX))) atTheOrder.push(...disk.entries())
    await disk.write(write)
  }
  const { ada } = await busyDevice(world, { ...disk, write: dying })
  await disable(world, ada)
  ada.connect()
  await until(ada, () => ada.state === 'signed-out')
  await ada.close()
  expect(serversKeys(atTheOrder)).not.toEqual([])

  const revived = memoryStore(atTheOrder)
  await expect(world.device(ada.person, revived)).rejects.toMatchObject({ code: 'account-disabled' })
  expect(serversKeys(revived.entries())).toEqual([])
})

it('tells who asks by HTTP, and decides nothing of what they bring', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  await put(world, { person: ada }, 'disabled')
  const comment = { name: 'comment.add', input: { ticketId, commentId: crypto.randomUUID(), body: 'Done' } }
  const invalid = { name: 'ticket.resolve', input: {} }
  const exchange = exchangeWith([comment, invalid, { ...comment, group: crypto.randomUUID() }])
  const answer = await post(world.url, ada.token, JSON.stringify(exchange))
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({ code: 'account-disabled', wipe: true })
  expect(await world.app.read.selectFrom('receipt').selectAll().execute()).toEqual([])

  await put(world, { person: ada }, 'active')
  const again = await post(world.url, ada.token, JSON.stringify(exchange))
  expect(await again.json()).toMatchObject({
    verdicts: [{ outcome: 'applied' }, { code: 'invalid' }, { code: 'id-taken' }],
  })
})

it('judges nothing of what a live device sends after its person was disabled', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await until(ada, () => ada.held().includes(id))
  await put(world, ada, 'disabled')
  await ada.sendGroup([
    { name: 'ticket.resolve', input: { ticketId: id, resolution: 'New fuser' } },
    { name: 'work.log', input: { ticketId: id, workId: crypto.randomUUID(), minutes: 5 } },
  ])
  await until(ada, () => ada.state === 'signed-out')
  expect(ada.held()).toEqual([])
  expect(ada.pending()).toHaveLength(2)
  await put(world, ada, 'active')
  await ada.signIn(await world.newToken(ada.person.id))
  await ada.settled()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'applied' }, { outcome: 'applied' }])
})
