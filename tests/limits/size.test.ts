/** All stored data can be delivered: documents, lists and fields have byte budgets, and frames are cut below theirs. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import {
  byteLength,
  CUSTOM_FIELDS_BYTES,
  DELIVERABLE_BYTES,
  DOCUMENT_BYTES,
  FULL_DOCUMENT_BYTES,
  MAX_FRAME_BYTES,
  TAGS,
  WATCHERS,
} from '@rejoin/shared/budgets.ts'
import { Batch } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame, type Encoding } from '@rejoin/shared/sync/encoding.ts'
import { findState } from '@rejoin/server/core/documents/state.ts'
import { headSeq, positionAt } from '../doors/database.ts'
import { exchangeByPost, exchangeWith, post, type Command } from '../doors/exchange.ts'
import { overfill } from '../harness/overfill.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

/** A character of three bytes in UTF-8 and one unit in UTF-16. */
const WIDE = '界'

async function office() {
  const world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  return { world, ada, id }
}

function sizeOf({ app }: World, ticketId: string): number {
  return findState(app.read, ticketId)?.length ?? 0
}

function comment(ticketId: string, body: string): Command {
  return { name: 'comment.add', input: { ticketId, commentId: v7(), body } }
}

/** Marks that bold and unbold a few characters: nothing to see, and much to store. */
function marks(count: number): Uint8Array {
  const doc = new Y.Doc()
  const text = doc.getText('notes')
  text.insert(0, 'twenty-one characters')
  for (let index = 0; index < count; index += 1) text.format(index % 20, 1, { [`mark${index}`]: 'x'.repeat(2000) })
  return Y.encodeStateAsUpdate(doc)
}

/** Ways to make a ticket larger, command after command, until the server refuses. */
const FILLINGS: Readonly<Record<string, (ticketId: string) => Command[]>> = {
  comments: (ticketId) => Array.from({ length: 20 }, () => comment(ticketId, WIDE.repeat(20_000))),
  'work logs': (ticketId) =>
    Array.from({ length: 360 }, () => ({
      name: 'work.log',
      input: { ticketId, workId: v7(), minutes: 1, note: WIDE.repeat(1000) },
    })),
  'format marks': (ticketId) =>
    Array.from({ length: 2 }, () => ({ name: 'text.write', input: { ticketId, update: marks(400) } })),
}

it.for(Object.keys(FILLINGS))('refuses the %s that would make a document too large for a frame', async (name) => {
  const { world, ada, id } = await office()
  await using _world = world
  ada.disconnect()
  const refusals: (string | undefined)[] = []
  for (let round = 0; round < 10 && refusals.length === 0; round += 1) {
    const commands = FILLINGS[name]?.(id) ?? []
    const { verdicts } = await exchangeByPost(world.url, ada.person.token, commands, { encoding: 'cbor' })
    refusals.push(...verdicts.flatMap(({ code, message }) => (code === undefined ? [] : [`${code}: ${message}`])))
  }
  expect(refusals[0]).toMatch(new RegExp(`^too-large: The whole document: the limit is ${DOCUMENT_BYTES} bytes`))
  expect(sizeOf(world, id)).toBeLessThanOrEqual(DOCUMENT_BYTES)
  await ada.rejoin()
  const other = await world.device(await world.person('bob', 'supervisor'))
  expect(other.replica(id)).toEqual(ada.replica(id))
})

it('lets a full ticket be answered for, handed on and closed', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  ada.disconnect()
  const { api } = await world.desk()
  const bob = await world.person('bob', 'agent')
  for (const [letters, count] of [
    [20_000, 110],
    [1000, 25],
    [50, 25],
  ] as const) {
    const commands = Array.from({ length: count }, () => comment(id, 'x'.repeat(letters)))
    const { verdicts } = await exchangeByPost(world.url, ada.person.token, commands, { encoding: 'cbor' })
    expect(verdicts.at(-1)).toMatchObject({ code: 'too-large' })
  }
  await api.tickets.assign.mutate({ ticketId: id, agentId: bob.id })
  await api.tickets.resolve.mutate({ ticketId: id, resolution: 'y'.repeat(20_000) })
  await api.tickets.close.mutate({ ticketId: id })
  expect(sizeOf(world, id)).toBeGreaterThan(DOCUMENT_BYTES)
  expect(sizeOf(world, id)).toBeLessThan(FULL_DOCUMENT_BYTES)
  await ada.rejoin()
  expect(ada.held()).toEqual([])
})

it('lets nobody fill the reserve of a full ticket with words', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  ada.disconnect()
  const { api } = await world.desk()
  const fill = Array.from({ length: 110 }, () => comment(id, 'x'.repeat(20_000)))
  await exchangeByPost(world.url, ada.person.token, fill, { encoding: 'cbor' })
  const place = await positionAt(world.app, await headSeq(world.app))
  await api.tickets.resolve.mutate({ ticketId: id, resolution: 'Done' })
  const before = sizeOf(world, id)
  // Resolving a resolved ticket leaves a note with the words of the resolution.
  const again = Array.from({ length: 40 }, () => ({
    name: 'ticket.resolve',
    input: { ticketId: id, resolution: WIDE.repeat(20_000) },
  }))
  const { verdicts } = await exchangeByPost(world.url, ada.person.token, again, { encoding: 'cbor', place })
  expect(verdicts[0]).toMatchObject({ outcome: 'refused', code: 'too-large' })
  expect(verdicts.filter(({ outcome }) => outcome === 'applied' || outcome === 'adjusted')).toEqual([])
  expect(sizeOf(world, id)).toBe(before)
  await api.tickets.close.mutate({ ticketId: id })
})

it('refuses custom fields, tags and watchers beyond their budget, with the number, and keeps those before', async () => {
  const { world, id } = await office()
  await using _world = world
  const { api } = await world.desk()
  const people = await Promise.all(
    Array.from({ length: WATCHERS + 1 }, (_, index) => world.person(`person${index}`, 'requester')),
  )
  const field = (index: number) => ({ [`field${index}`]: WIDE.repeat(2000) })
  const attempts = {
    [`custom: the limit is ${CUSTOM_FIELDS_BYTES} bytes of JSON`]: (index: number) =>
      api.tickets.edit.mutate({ ticketId: id, set: { custom: field(index) } }),
    [`tags: the limit is ${TAGS} tags`]: (index: number) =>
      api.tickets.tag.mutate({ ticketId: id, tag: `tag ${index}` }),
    [`watchers: the limit is ${WATCHERS} watchers`]: (index: number) =>
      api.tickets.watch.mutate({ ticketId: id, userId: people[index]?.id ?? '' }),
  }
  for (const [refusal, attempt] of Object.entries(attempts)) {
    const refusals: string[] = []
    for (let index = 0; index < people.length; index += 10) {
      const answers = await Promise.allSettled(people.slice(index, index + 10).map((_, each) => attempt(index + each)))
      refusals.push(...answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : [])))
    }
    expect(refusals[0]).toContain(refusal)
  }
  const { tags, watchers, custom } = await api.tickets.get.query({ ticketId: id })
  expect([tags.length, watchers.length]).toEqual([TAGS, WATCHERS])
  expect(byteLength(JSON.stringify(custom))).toBeGreaterThan(CUSTOM_FIELDS_BYTES - 6100)
  const whole = Object.assign({}, ...Array.from({ length: 20 }, (_, index) => field(index))) as Record<string, string>
  await expect(
    api.tickets.create.mutate({ ticketId: v7(), title: 'All at once', custom: whole }),
  ).rejects.toMatchObject({
    message: expect.stringContaining('custom: the limit is'),
  })
})

/** Everything that a simple client gets by asking again until nothing is missing. */
async function takeAll(world: World, { token }: Person, encoding: Encoding) {
  const states = new Map<string, Uint8Array>()
  const sizes: number[] = []
  let batch: Batch | undefined
  do {
    const held = [...states].map(([ticketId, state]) => {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, state)
      return { ticketId, snapshot: Y.encodeSnapshot(Y.snapshot(doc)) }
    })
    const frame = { ...exchangeWith([], device), ...(batch !== undefined && { held }) }
    const response = await post(world.url, token, encodeFrame(frame, encoding))
    const body = new Uint8Array(await response.arrayBuffer())
    sizes.push(body.length)
    batch = decodeFrame(Batch, encoding === 'cbor' ? body : new TextDecoder().decode(body))
    for (const { ticketId, state } of batch.enter) states.set(ticketId, state)
  } while (batch.more)
  return { states, sizes }
}
const device = v7()

it.for(['cbor', 'json'] as const)('cuts the answer to POST /sync below the limit of a frame (%s)', async (encoding) => {
  const { world, ada } = await office()
  await using _world = world
  const count = 30
  for (let made = 0; made < count; made += 1) {
    await world.ticket({ assignee: ada.person, description: WIDE.repeat(50_000) })
  }
  const { states, sizes } = await takeAll(world, await world.person('sue', 'supervisor'), encoding)
  expect(states.size).toBe(count + 1)
  expect(sizes.length).toBeGreaterThan(1)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
})

it('sends a document in place of changes that are more than it', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  const { api } = await world.desk()
  ada.disconnect()
  for (let count = 0; count < 60; count += 1) {
    const description = String.fromCharCode(65 + (count % 26)).repeat(100_000)
    await api.tickets.edit.mutate({ ticketId: id, set: { description } })
  }
  const before = await framesIn(world)
  await ada.rejoin()
  expect(ada.view(id)?.description).toBe('H'.repeat(100_000))
  expect((await framesIn(world)) - before).toBeLessThan(1024 * 1024)
})

async function framesIn({ app }: World): Promise<number> {
  const { values } = await app.metrics.bytes.get()
  return values.find(({ labels }) => labels['kind'] === 'batch' && labels['direction'] === 'out')?.value ?? 0
}

it('keeps everybody else in sync while a document from before the limit is too large for any device', async () => {
  const { world, ada, id } = await office()
  await using _world = world
  const other = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  expect(ada.held()).toHaveLength(2)
  await world.restore(await world.backup(), (dataDir) => void overfill(dataDir, id))
  expect(sizeOf(world, id)).toBeGreaterThan(DELIVERABLE_BYTES)
  const { api } = await world.desk()
  ada.connect()
  await ada.settled()
  await ada.tickets.comment({ ticketId: other.id, body: 'Still heard' })
  await ada.settled()
  const more = { ticketId: id, commentId: v7(), body: 'Not for devices' }
  await expect(api.tickets.comment.mutate(more)).rejects.toMatchObject({
    message: expect.stringContaining('the limit is'),
  })
  await api.tickets.transition.mutate({ ticketId: id, to: 'in_progress' })
  await api.tickets.tag.mutate({ ticketId: other.id, tag: 'north' })
  await ada.settled()
  expect(ada.held()).toEqual([other.id])
  expect(ada.verdicts().map(({ outcome }) => outcome)).toEqual(['applied'])
  const fresh = await world.device(await world.person('sue', 'supervisor'))
  expect(fresh.held()).toEqual([other.id])
  expect(await world.app.metrics.undeliverable.get()).toMatchObject({ values: [{ value: expect.any(Number) }] })
})

it('counts a frame in bytes, whatever it is written in', () => {
  const wide = JSON.stringify({ ...exchangeWith([]), junk: WIDE.repeat(MAX_FRAME_BYTES / 3) })
  expect(wide.length).toBeLessThan(MAX_FRAME_BYTES)
  expect(() => decodeFrame(Batch, wide)).toThrow(`at most ${MAX_FRAME_BYTES} bytes`)
  for (const text of ['', 'a', 'é', WIDE, '😀', '\ud800', 'a😀é界']) {
    expect([text, byteLength(text)]).toEqual([text, new TextEncoder().encode(text).length])
  }
})
