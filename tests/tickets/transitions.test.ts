/** Every move between two statuses, by the command that makes it, and its answer. */
import { describe, expect, it } from 'vitest'
import { Status } from '@rejoin/shared/statuses.ts'
import type { Api } from '@rejoin/client-sdk/api.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

/** A command's answer in each status of the ticket: `done`, `same` (as it is already) or `no-path`. */
type Answer = 'done' | 'same' | 'no-path'
type Row = Record<Status, Answer>

const NOWHERE = { closed: 'no-path', cancelled: 'no-path' } as const

const TABLE: Record<string, Row> = {
  open: {
    open: 'same',
    in_progress: 'done',
    waiting_customer: 'done',
    waiting_third_party: 'done',
    on_hold: 'done',
    resolved: 'no-path',
    ...NOWHERE,
  },
  in_progress: {
    open: 'done',
    in_progress: 'same',
    waiting_customer: 'done',
    waiting_third_party: 'done',
    on_hold: 'done',
    resolved: 'no-path',
    ...NOWHERE,
  },
  waiting_customer: waiting('waiting_customer'),
  waiting_third_party: waiting('waiting_third_party'),
  on_hold: waiting('on_hold'),
  resolved: {
    open: 'done',
    in_progress: 'done',
    waiting_customer: 'done',
    waiting_third_party: 'done',
    on_hold: 'done',
    resolved: 'same',
    ...NOWHERE,
  },
  closed: {
    open: 'no-path',
    in_progress: 'no-path',
    waiting_customer: 'no-path',
    waiting_third_party: 'no-path',
    on_hold: 'no-path',
    resolved: 'done',
    closed: 'same',
    cancelled: 'no-path',
  },
  cancelled: {
    open: 'done',
    in_progress: 'no-path',
    waiting_customer: 'no-path',
    waiting_third_party: 'no-path',
    on_hold: 'no-path',
    resolved: 'no-path',
    closed: 'no-path',
    cancelled: 'same',
  },
  reopened: {
    open: 'no-path',
    in_progress: 'no-path',
    waiting_customer: 'no-path',
    waiting_third_party: 'no-path',
    on_hold: 'no-path',
    resolved: 'done',
    ...NOWHERE,
  },
}

/** Into a waiting status: from work that is open and not waiting; between two of them the ticket is taken up first. */
function waiting(to: Status): Row {
  const others = { waiting_customer: 'no-path', waiting_third_party: 'no-path', on_hold: 'no-path' } as const
  return { open: 'done', in_progress: 'done', ...others, resolved: 'no-path', ...NOWHERE, [to]: 'same' }
}

const MOVES = Object.entries(TABLE).flatMap(([to, row]) =>
  Status.options.map((from) => ({ from, to, answer: row[from] })),
)

/** The call that leads to `to`; `reopened` is the way out of `resolved`. */
function send(api: Api, ticketId: string, to: string) {
  const { tickets } = api
  if (to === 'resolved') return tickets.resolve.mutate({ ticketId, resolution: 'New fuser' })
  if (to === 'closed') return tickets.close.mutate({ ticketId })
  if (to === 'cancelled') return tickets.cancel.mutate({ ticketId, reason: 'Not wanted' })
  if (to === 'reopened') return tickets.reopen.mutate({ ticketId, reason: 'Again' })
  return tickets.transition.mutate({ ticketId, to: Status.parse(to), reason: 'Because' })
}

/** Brings a new ticket into a status. */
async function bring(api: Api, ticketId: string, status: Status): Promise<void> {
  if (status === 'open') return
  if (status === 'closed') await send(api, ticketId, 'resolved')
  await send(api, ticketId, status)
}

/** The ticket before the command, the ticket after it, and the new entries of its history. */
async function attempt({ from, to }: { from: Status; to: string }) {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket()
  await bring(api, ticketId, from)
  const before = await api.tickets.get.query({ ticketId })
  const known = await api.tickets.history.query({ ticketId })
  const call = send(api, ticketId, to)
  const code = await codeOf(call)
  const after = await api.tickets.get.query({ ticketId })
  const news = (await api.tickets.history.query({ ticketId })).slice(known.length)
  return { call, code, before, after, news }
}

describe.each(Object.keys(TABLE))('to %s', (to) => {
  const moves = MOVES.filter((move) => move.to === to)

  it.each(moves.filter(({ answer }) => answer === 'done'))('leads from $from', async (move) => {
    const status = to === 'reopened' ? 'in_progress' : to
    const { code, after, news } = await attempt(move)
    expect({ code, status: after.status }).toEqual({ code: 'done', status })
    expect(news).toMatchObject([{ type: 'ticket-status-changed', payload: { from: move.from, to: status } }])
  })

  it.each(moves.filter(({ answer }) => answer === 'same'))('changes nothing when it is $from already', async (move) => {
    const { call, before, after, news } = await attempt(move)
    expect(await call).toMatchObject({ outcome: 'adjusted', code: 'already-done' })
    expect({ after, news }).toEqual({ after: before, news: [] })
  })

  it.each(moves.filter(({ answer }) => answer === 'no-path'))('has no path from $from', async (move) => {
    const { code, before, after, news } = await attempt(move)
    expect({ code, after, news }).toEqual({ code: 'no-path', after: before, news: [] })
  })
})

it.each(['resolved', 'closed', 'cancelled'] as const)('does not become %s by a mere transition', async (to) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket()
  expect(await codeOf(api.tickets.transition.mutate({ ticketId, to }))).toBe('invalid')
})

it.each(['waiting_customer', 'waiting_third_party', 'on_hold'] as const)('asks why a ticket is %s', async (to) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket()
  expect(await codeOf(api.tickets.transition.mutate({ ticketId, to }))).toBe('invalid')
  expect(await codeOf(api.tickets.transition.mutate({ ticketId, to, reason: ' ' }))).toBe('invalid')
  await api.tickets.transition.mutate({ ticketId, to, reason: 'The part is ordered' })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: to, statusReason: 'The part is ordered' })
  await api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'in_progress', statusReason: null })
})

it('asks for a resolution', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const { id: ticketId } = await world.ticket()
  expect(await codeOf(api.tickets.resolve.mutate({ ticketId, resolution: ' ' }))).toBe('invalid')
})
