/** Every list of the API is read page by page: none grows with the workspace, and none loses anything on the way. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { appRouter } from '@rejoin/server/router.ts'
import { MAX_ANSWER_BYTES } from '@rejoin/server/core/api/answer-size.ts'
import { ALWAYS_OPEN } from '@rejoin/shared/sla/calendar.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'
import { newcomer } from './anywhere.ts'
import { request } from './procedures.ts'

interface List {
  readonly input?: (scene: Scene) => object
  /** Where in the answer the items are. */
  readonly at?: string
  readonly max?: number
}

/** Those that are asked on by the last item of a page. */
const LISTS: Readonly<Record<string, List>> = {
  'accounts.people': {},
  'accounts.pending': {},
  'accounts.sessions': {},
  'accounts.roles.list': {},
  'accounts.registrationForm': { at: 'departments' },
  'departments.list': {},
  'devices.list': {},
  'invitations.list': {},
  'mail.failed': {},
  'mail.waiting': {},
  'notifications.list': {},
  'parked.list': {},
  'parked.listBackdated': {},
  'sla.calendars.get': { at: 'versions', input: ({ calendarId }) => ({ calendarId }) },
  'sla.calendars.list': {},
  'sla.check': { at: 'clocks', max: 500, input: () => ({ withinMs: 366 * 24 * 3_600_000 }) },
  'sla.policies.get': { at: 'versions', input: ({ policyId }) => ({ policyId }) },
  'sla.policies.list': {},
  'sync.recoveries': { max: 20 },
  'tickets.history': { input: ({ ticketId }) => ({ ticketId }) },
  'tickets.queue': {},
}

/** The others, and what bounds each. */
const OTHERS: Readonly<Record<string, string>> = {
  'accounts.apiTokens.list': 'a person has fifty at most',
  'accounts.me': 'one person',
  'accounts.mfa.status': 'one person',
  'accounts.verifyResetToken': 'one link',
  'audit.list': 'has its own `before`, see below',
  'invitations.verify': 'one link',
  'sla.config': 'the first page of policies and of calendars',
  'sla.explain': 'the clocks of one ticket, within the size of an answer',
  'sla.metrics': 'a sum for each group',
  'sla.policies.preview': 'counts, and twenty examples',
  'tickets.authors': 'the texts of one ticket, within the size of an answer',
  'tickets.comments': 'has its own `before`, see below',
  'tickets.get': 'one ticket with the newest fifty comments and works, see below',
  'tickets.list': 'has its own `after`, see `tests/tickets/lists.test.ts`',
  'tickets.work': 'has its own `before`, see below',
  'workspace.get': 'one workspace',
}

const QUERIES = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { readonly _def: { readonly type: string } }>,
).flatMap(([path, { _def }]) => (_def.type === 'query' ? [path] : []))

it('has a row for every query there is', () => {
  expect(QUERIES.toSorted()).toEqual([...Object.keys(LISTS), ...Object.keys(OTHERS)].toSorted())
})

interface Scene {
  readonly world: World
  readonly reader: Person
  readonly ticketId: string
  readonly calendarId: string
  readonly policyId: string
}

/** An administrator who sees three or more of everything that is listed. */
async function setScene(): Promise<Scene> {
  const world = await startWorld()
  const support = await world.department('support')
  await world.department('stores')
  await world.department('works')
  const reader = await world.person('Ada', 'admin', ['support'])
  const { api, token } = reader
  await api.accounts.setRegistration.mutate({ policy: 'open' })
  for (const name of ['One', 'Two', 'Three']) {
    await world.newToken(reader.id)
    await newcomer(world, { role: 'agent', departments: [support] })
    await api.accounts.roles.create.mutate({ name, base: 'agent', grants: {} })
    await world.device(await world.person(`field-${name}`, 'agent'))
    await api.invitations.create.mutate({ email: `${name}@example.com`, role: 'agent', departments: [support] })
    await api.invitations.create.mutate({ email: `${name}@example.org`, role: 'agent', departments: [support] })
    await world.ticket({ title: name, assignee: reader })
    world.clock.advance(1000)
  }
  const late = world.app.read.selectFrom('outbox').select('id').where('kind', '=', 'mail').orderBy('id').limit(3)
  const mails = (await late.execute()).map(({ id }) => `'${id}'`).join()
  world.app.db.writer.run(`update outbox set setAside = 'rejected' where id in (${mails})`)
  for (const start of [1, 2, 3]) {
    world.app.db.writer.run(`insert into recovery values (${start}, '${v7()}', '${reader.id}', 0, 1, 1, 0, 0, 7, null)`)
  }
  const { id: ticketId } = await world.ticket({ assignee: reader })
  const tags = ['a', 'b', 'c', 'd', 'e', 'f'].map((tag) => ({ name: 'ticket.tag', input: { ticketId, tag } }))
  await exchangeByPost(world.url, token, tags)
  const brought = 'select number from receipt where deviceId is not null order by number'
  world.app.db.writer.run(`update receipt set claimedAt = 1 where number in (${brought} limit 3)`)
  world.app.db.writer.run(`update receipt set outcome = 'parked' where number in (${brought} desc limit 3)`)
  const [calendarId, policyId] = [v7(), v7()]
  const { calendars, policies } = api.sla
  await calendars.create.mutate({ calendarId, name: 'Works', value: ALWAYS_OPEN })
  await calendars.create.mutate({ name: 'Stores', value: ALWAYS_OPEN })
  const value = { ...DEFAULT_POLICY, name: 'Works', rules: [] }
  await policies.create.mutate({ policyId, value })
  await policies.create.mutate({ value: { ...value, name: 'Stores' } })
  for (let version = 2; version < 4; version += 1) {
    await calendars.edit.mutate({ calendarId, value: ALWAYS_OPEN })
    await policies.edit.mutate({ policyId, value })
  }
  return { world, reader, ticketId, calendarId, policyId }
}

interface Answer {
  readonly result?: { readonly data: unknown }
  readonly error?: { readonly data: { readonly code: string } }
}

async function ask({ world, reader }: Scene, path: string, input: object): Promise<Answer> {
  const answer = await request(world.url, path, { authorization: `Bearer ${reader.token}` }, input)
  return (await answer.json()) as Answer
}

function itemsOf({ result, error }: Answer, { at }: List): unknown[] {
  if (error !== undefined) throw new Error(error.data.code)
  const data = result?.data
  return (at === undefined ? data : (data as Record<string, unknown>)[at]) as unknown[]
}

it('gives each list page by page, whole and in its order', async () => {
  const scene = await setScene()
  await using _world = scene.world
  for (const [path, list] of Object.entries(LISTS)) {
    const input = list.input?.(scene) ?? {}
    const whole = itemsOf(await ask(scene, path, input), list)
    expect([path, whole.length >= 3]).toEqual([path, true])
    const walked: unknown[] = []
    for (let after: unknown; walked.length <= whole.length; after = walked.at(-1)) {
      const page = itemsOf(await ask(scene, path, { ...input, limit: 1, ...(after !== undefined && { after }) }), list)
      if (page.length === 0) break
      walked.push(...page)
    }
    expect([path, walked]).toEqual([path, whole])
    const { max = 200 } = list
    const answers = [
      await ask(scene, path, { ...input, limit: max }),
      await ask(scene, path, { ...input, limit: max + 1 }),
    ]
    expect([path, ...answers.map(({ error }) => error?.data.code)]).toEqual([path, undefined, 'invalid'])
  }
})

it('gives the newest comments and works with a ticket, and older ones page by page', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const requester = await world.person('rita', 'requester', [])
  const { id: ticketId } = await world.ticket({ requesterId: requester.id })
  for (let count = 0; count < 120; count += 1) {
    const visibility = count % 2 === 0 ? 'public' : 'internal'
    await desk.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: `Comment ${count}`, visibility })
    await desk.api.tickets.logWork.mutate({ ticketId, workId: v7(), minutes: count + 1 })
  }
  const { tickets } = desk.api
  const ticket = await tickets.get.query({ ticketId })
  expect(ticket.comments.map(({ body }) => body)).toEqual(Array.from({ length: 50 }, (_, at) => `Comment ${at + 70}`))
  expect(ticket.work.map(({ minutes }) => minutes)).toEqual(Array.from({ length: 50 }, (_, at) => at + 71))
  const older = await tickets.comments.query({ ticketId, limit: 100, ...before(ticket.older.comments) })
  expect([older.items.length, older.items[0]?.body, older.next]).toEqual([70, 'Comment 0', null])
  const work = await tickets.work.query({ ticketId, limit: 60, ...before(ticket.older.work) })
  expect(work.items.map(({ minutes }) => minutes)).toEqual(Array.from({ length: 60 }, (_, at) => at + 11))
  const oldest = await tickets.work.query({ ticketId, ...before(work.next) })
  expect(oldest.items.map(({ minutes }) => minutes)).toEqual(Array.from({ length: 10 }, (_, at) => at + 1))
  expect(await codeOf(tickets.comments.query({ ticketId, limit: 101 }))).toBe('invalid')

  const shown = await requester.api.tickets.get.query({ ticketId })
  expect(shown.comments.length).toBe(50)
  const rest = await requester.api.tickets.comments.query({ ticketId, ...before(shown.older.comments) })
  expect(rest.items.map(({ body }) => body)).toEqual(Array.from({ length: 10 }, (_, at) => `Comment ${at * 2}`))
  expect(await requester.api.tickets.work.query({ ticketId })).toEqual({ items: [], next: null })
})

const before = (next: { seq: number; id: string } | null) => (next === null ? {} : { before: next })

it('refuses an answer that is larger than one may be, with the size and the way out, and gives it page by page', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const { id: ticketId } = await world.ticket({ description: '\u{4e00}'.repeat(100_000) })
  for (let count = 0; count < 5; count += 1) {
    await desk.api.tickets.comment.mutate({ ticketId, commentId: v7(), body: '\u{4e00}'.repeat(20_000) })
  }
  // Comments come in pages of which each fits; twenty calls for a long ticket at once do not.
  const newest = await desk.api.tickets.comments.query({ ticketId, limit: 100 })
  expect([newest.items.length, newest.next === null]).toEqual([2, false])
  const path = Array.from({ length: 20 }, () => 'tickets.get').join(',')
  const inputs = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index, { ticketId }]))
  const answer = await request(world.url, path, { authorization: `Bearer ${desk.token}` }, inputs, true)
  const text = await answer.text()
  expect(Buffer.byteLength(text)).toBeLessThan(MAX_ANSWER_BYTES + 10_000)
  const answers = JSON.parse(text) as { error?: { message: string; data: { code: string; hint: string } } }[]
  const codes = answers.map(({ error }) => error?.data.code ?? 'done')
  expect(codes).toEqual([...codes.filter((code) => code === 'done'), ...codes.filter((code) => code === 'too-large')])
  expect(new Set(codes)).toEqual(new Set(['done', 'too-large']))
  const refused = answers.find(({ error }) => error !== undefined)?.error
  expect(refused?.message).toContain(`${MAX_ANSWER_BYTES} bytes`)
  expect(refused?.data.hint).toContain('limit')
})
