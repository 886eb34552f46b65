/** Two ways to the same replica: a committed change pushed as it is, and what a catch-up reads from the log. */
import { isDeepStrictEqual } from 'node:util'
import { v7 } from 'uuid'
import { expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { documentValue } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { Batch } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { LiveFrames } from '@rejoin/server/doors/sync/live.ts'
import { exchangeWith, post } from '../doors/exchange.ts'
import { randomFrom } from '../harness/random.ts'
import { startWorld, until, type Field, type Person, type World } from '../harness/world.ts'

const SEEDS = [1, 2, 3, 4, 5]
const STEPS = 60

/** A device that only ever asks the log, by `POST /sync`. */
class Asker {
  readonly #device = v7()
  readonly #docs = new Map<string, Y.Doc>()
  readonly #world: World
  readonly #person: Person
  #place: Partial<Pick<Batch, 'epoch' | 'cursor' | 'tag'>> = {}

  constructor(world: World, person: Person) {
    this.#world = world
    this.#person = person
  }

  async ask(): Promise<void> {
    const frame = encodeFrame({ ...exchangeWith([], this.#device), ...this.#place }, 'json')
    const response = await post(this.#world.url, this.#person.token, frame)
    const { epoch, cursor, tag, reset, enter, change, leave } = decodeFrame(Batch, await response.text())
    if (reset) this.#docs.clear()
    for (const { ticketId, state } of enter) {
      this.#docs.set(ticketId, new Y.Doc())
      this.#apply(ticketId, state)
    }
    for (const { ticketId, update } of change) this.#apply(ticketId, update)
    for (const { ticketId } of leave) this.#docs.delete(ticketId)
    this.#place = { epoch, cursor, tag }
  }

  value(): unknown {
    return Object.fromEntries([...this.#docs].map(([id, doc]) => [id, documentValue(doc, TICKET_SHAPE)]))
  }

  #apply(ticketId: string, update: Uint8Array): void {
    const doc = this.#docs.get(ticketId)
    if (doc === undefined) throw new Error(`the log changes ${ticketId}, which did not enter`)
    Y.applyUpdate(doc, update)
  }
}

function valueOf(device: Field): unknown {
  return Object.fromEntries(device.held().map((id) => [id, device.replica(id)]))
}

/** How often devices were brought up to date in this way. */
async function caughtUp({ app }: World, mode: string): Promise<number> {
  const { values } = await app.metrics.catchUps.get()
  return values.find(({ labels }) => labels.mode === mode)?.value ?? 0
}

it.each(SEEDS)('gives the same replicas by push and from the log, seed %i', async (seed) => {
  await using world = await startWorld()
  const random = randomFrom(seed)
  const { api } = await world.desk()
  const [ada, bob] = await world.agents('ada', 'bob')
  const sue = await world.device(await world.person('sue', 'supervisor'))
  const pairs = [ada, bob, sue].map((device) => ({ device, asker: new Asker(world, device.person) }))
  const tickets = [await world.ticket({ assignee: ada.person }), await world.ticket(), await world.ticket()]
  const steps: ((ticketId: string) => Promise<unknown>)[] = [
    (ticketId) => api.tickets.comment.mutate({ ticketId, commentId: v7(), body: `Comment ${random.below(1000)}` }),
    (ticketId) => api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'Another', visibility: 'internal' }),
    (ticketId) => api.tickets.edit.mutate({ ticketId, set: { title: `Title ${random.below(1000)}` } }),
    (ticketId) => api.tickets.assign.mutate({ ticketId, agentId: random.pick([ada, bob]).person.id }),
    (ticketId) => api.tickets.watch.mutate({ ticketId, userId: random.pick([ada, bob]).person.id }),
    (ticketId) => api.tickets.unwatch.mutate({ ticketId, userId: random.pick([ada, bob]).person.id }),
    (ticketId) => api.tickets.cancel.mutate({ ticketId }),
    async () => void tickets.push(await world.ticket({ assignee: ada.person })),
  ]
  for (let step = 0; step < STEPS; step += 1) {
    // Most changes leave scopes as they are; some come while others are still being told.
    const act = random.next() < 0.7 ? steps[random.below(3)] : random.pick(steps)
    const ended = act?.(random.pick(tickets).id)
    // What the rules refuse, such as a comment's ticket being cancelled twice, changes nothing for anybody.
    if (random.next() < 0.6) await ended?.catch(() => undefined)
    else void ended?.catch(() => undefined)
    if (random.next() < 0.7) continue
    await world.app.commits.idle()
    for (const { device, asker } of pairs) {
      await asker.ask()
      await until(device, () => isDeepStrictEqual(valueOf(device), asker.value()))
    }
  }
  await world.app.commits.idle()
  for (const { device, asker } of pairs) {
    await asker.ask()
    await until(device, () => isDeepStrictEqual(valueOf(device), asker.value()))
  }
  expect(await caughtUp(world, 'live'), 'changes pushed as they are').toBeGreaterThan(10)
})

it('loses nothing by a commit that nobody was told of', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await until(ada, () => ada.held().includes(ticketId))
  const comment = (body: string) => api.tickets.comment.mutate({ ticketId, commentId: v7(), body })
  await comment('Told')
  await until(ada, () => ada.view(ticketId)?.comments.length === 1)
  vi.spyOn(world.app.hub, 'publish').mockImplementationOnce(() => undefined)
  await comment('Untold')
  const before = await caughtUp(world, 'live')
  await comment('Told again')
  await until(ada, () => ada.view(ticketId)?.comments.length === 3)
  expect(await caughtUp(world, 'live')).toBe(before)
  await comment('And on')
  await until(ada, () => ada.view(ticketId)?.comments.length === 4)
  expect(await caughtUp(world, 'live')).toBe(before + 1)
})

it('encodes a change once for all who watch it', () => {
  const live = new LiveFrames({ epoch: 'e', now: () => 1 })
  const change = {
    seq: 3,
    tag: 't',
    documentId: v7(),
    update: new Uint8Array([0, 0]),
    isDeliverable: true,
    from: ['a'],
    to: ['a'],
  }
  expect(live.of(change, 'cbor')).toBe(live.of(change, 'cbor'))
  expect(live.of({ ...change }, 'cbor')).not.toBe(live.of(change, 'cbor'))
  expect(live.of(change, 'json')).toEqual(expect.stringContaining('"cursor":3'))
})
