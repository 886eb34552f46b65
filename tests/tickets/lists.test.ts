/** Lists: filters, sorts, pages, search, the queue. What a reader may see at all is `tests/access/table.test.ts`. */
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import type { Api } from '@rejoin/client-sdk/api.ts'
import { startWorld } from '../harness/world.ts'

type Filter = NonNullable<Parameters<Api['tickets']['list']['query']>[0]>

const MINUTE = 60_000

/** Five tickets that differ in everything a filter asks for; titles are what the expectations name. */
async function shelf() {
  const world = await startWorld()
  const desk = await world.desk()
  const { tickets } = desk.api
  const ada = await world.person('ada', 'agent')
  const rita = await world.person('rita', 'requester')
  const network = await world.department('network')
  await world.ticket({ title: 'low', priority: 'low', tags: ['vip'] })
  await world.ticket({ title: 'ada', priority: 'urgent', assignee: ada })
  await world.ticket({ title: 'net', priority: 'high', departmentId: network })
  await world.ticket({ title: 'rita', requesterId: rita.id, tags: ['vip', 'new'] })
  const { id: ticketId } = await world.ticket({ title: 'done', priority: 'high' })
  await tickets.resolve.mutate({ ticketId, resolution: 'Done' })
  const titles = async (filter: Filter) =>
    (await tickets.list.query({ order: 'asc', ...filter })).tickets.map(({ title }) => title)
  return { world, titles, ada, rita, network }
}

type Shelf = Awaited<ReturnType<typeof shelf>>

const FILTERS: { filter: string; of: (shelf: Shelf) => Filter; expected: string[] }[] = [
  { filter: 'nothing', of: () => ({}), expected: ['low', 'ada', 'net', 'rita', 'done'] },
  { filter: 'status', of: () => ({ status: ['resolved'] }), expected: ['done'] },
  { filter: 'several statuses', of: () => ({ status: ['resolved', 'closed'] }), expected: ['done'] },
  { filter: 'open', of: () => ({ open: true }), expected: ['low', 'ada', 'net', 'rita'] },
  { filter: 'not open', of: () => ({ open: false }), expected: ['done'] },
  { filter: 'priority', of: () => ({ priority: ['high', 'urgent'] }), expected: ['ada', 'net', 'done'] },
  { filter: 'department', of: ({ network }) => ({ departmentId: network }), expected: ['net'] },
  { filter: 'assignee', of: ({ ada }) => ({ assigneeId: ada.id }), expected: ['ada'] },
  { filter: 'nobody’s', of: () => ({ assigneeId: null }), expected: ['low', 'net', 'rita', 'done'] },
  { filter: 'requester', of: ({ rita }) => ({ requesterId: rita.id }), expected: ['rita'] },
  { filter: 'tag', of: () => ({ tag: 'VIP' }), expected: ['low', 'rita'] },
  { filter: 'number', of: () => ({ text: 'tkt-0003' }), expected: ['net'] },
  { filter: 'all at once', of: () => ({ open: true, tag: 'vip', priority: ['low'] }), expected: ['low'] },
]

it.each(FILTERS)('filters by $filter', async ({ of, expected }) => {
  const made = await shelf()
  await using _world = made.world
  expect(await made.titles(of(made))).toEqual(expected)
})

it.each([
  { text: '100%', expected: ['100% full'] },
  { text: '_', expected: ['a_b'] },
  { text: '\\', expected: [String.raw`C:\temp`] },
  { text: 'A_B', expected: ['a_b'] },
  { text: '%', expected: ['100% full'] },
])('takes $text in a search as it is written', async ({ text, expected }) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  for (const title of ['100% full', '100 full', 'a_b', 'axb', String.raw`C:\temp`]) await world.ticket({ title })
  const { tickets } = await api.tickets.list.query({ text })
  expect(tickets.map(({ title }) => title)).toEqual(expected)
})

const SORTS = ['createdAt', 'dueAt', 'priority', 'rev'] as const
const ORDERS = ['asc', 'desc'] as const
const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const

/** Every page of a list; `between` is called after each. */
async function pages(api: Api, filter: Filter, between: () => Promise<void> = async () => {}): Promise<string[][]> {
  const found: string[][] = []
  let page = await api.tickets.list.query(filter)
  found.push(page.tickets.map(({ id }) => id))
  while (page.next !== null) {
    await between()
    page = await api.tickets.list.query({ ...filter, after: page.next })
    found.push(page.tickets.map(({ id }) => id))
  }
  return found
}

describe.each(SORTS)('sorted by %s', (sort) => {
  it.each(ORDERS)('%s: pages make up the whole list in its order', async (order) => {
    await using world = await startWorld()
    const { api } = await world.desk()
    const made: { id: string; key: number }[] = []
    for (let index = 0; index < 12; index += 1) {
      if (index % 3 === 0) world.clock.advance(MINUTE)
      const priority = PRIORITIES[(index * 7) % 4] ?? 'low'
      const dueAt = index % 4 === 0 ? undefined : world.clock.now() + ((index * 5) % 3) * MINUTE
      const { id } = await world.ticket({ priority, dueAt })
      const keys = {
        createdAt: world.clock.now(),
        dueAt: dueAt ?? Number.POSITIVE_INFINITY,
        priority: PRIORITIES.indexOf(priority),
        rev: index,
      }
      made.push({ id, key: keys[sort] })
    }
    const sorted = made.toSorted((a, b) => a.key - b.key || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
    const expected = order === 'asc' ? sorted : sorted.toReversed()
    for (const limit of [1, 5, 12, 13]) {
      const found = await pages(api, { sort, order, limit })
      expect(found.flat()).toEqual(expected)
      expect(found).toHaveLength(Math.ceil(12 / limit))
    }
  })
})

it('shows each ticket once and leaves none out, though others are created between the pages', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const departmentId = await world.department('support')
  const ids: string[] = []
  const create = async (priority: (typeof PRIORITIES)[number], dueIn: number | null) => {
    const ticketId = v7()
    const dueAt = dueIn === null ? undefined : world.clock.now() + dueIn
    await api.tickets.create.mutate({ ticketId, title: 'One', priority, dueAt, departmentId })
    ids.push(ticketId)
  }
  const ticket = fc.record({
    priority: fc.constantFrom(...PRIORITIES),
    dueIn: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
    later: fc.boolean(),
  })
  const listing = fc.record({
    sort: fc.constantFrom(...SORTS),
    order: fc.constantFrom(...ORDERS),
    limit: fc.integer({ min: 1, max: 7 }),
    arrivals: fc.array(ticket, { maxLength: 6 }),
  })
  for (let index = 0; index < 8; index += 1) await create(PRIORITIES[index % 4] ?? 'low', index % 3)
  await fc.assert(
    fc.asyncProperty(listing, async ({ sort, order, limit, arrivals }) => {
      const before = [...ids]
      const waiting = [...arrivals]
      const found = await pages(api, { sort, order, limit }, async () => {
        const next = waiting.shift()
        if (next === undefined) return
        if (next.later) world.clock.advance(1)
        await create(next.priority, next.dueIn)
      })
      const listed = found.flat()
      expect(new Set(listed).size, 'no ticket twice').toBe(listed.length)
      expect(
        before.filter((id) => !listed.includes(id)),
        'no ticket left out',
      ).toEqual([])
    }),
    { numRuns: 15 },
  )
})

it('queues a person’s open work and what they may take, the most urgent and oldest first', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const bob = await world.person('bob', 'agent')
  const network = await world.department('network')
  await world.ticket({ title: 'old' })
  await world.advance(MINUTE)
  await world.ticket({ title: 'new' })
  await world.ticket({ title: 'mine, urgent', priority: 'urgent', assignee: ada })
  await world.ticket({ title: 'bob’s', assignee: bob })
  await world.ticket({ title: 'elsewhere', departmentId: network })
  const { id: ticketId } = await world.ticket({ title: 'done', assignee: ada })
  await ada.api.tickets.resolve.mutate({ ticketId, resolution: 'Done' })
  const queue = await ada.api.tickets.queue.query()
  expect(queue.map(({ title }) => title)).toEqual(['mine, urgent', 'old', 'new'])
})

it('lists for a requester their own tickets only', async () => {
  await using world = await startWorld()
  const rita = await world.person('rita', 'requester')
  await world.ticket({ title: 'Mine', requesterId: rita.id })
  await world.ticket({ title: 'Not mine' })
  expect((await rita.api.tickets.list.query()).tickets).toMatchObject([{ title: 'Mine' }])
  expect(await rita.api.tickets.queue.query()).toEqual([])
})
