/** What a database must say about couriers whose server was killed again and again: each command once, no more. */
import { expect } from 'vitest'
import type { App } from '@rejoin/server/app.ts'
import { verdictOf } from '@rejoin/server/core/commit/receipts.ts'
import type { Courier } from '../../harness/courier.ts'

/** A courier and its person, who does nothing by other ways. */
export interface Author {
  readonly courier: Courier
  readonly id: string
}

interface Done {
  readonly name: string
  readonly input: { readonly ticketId: string; readonly commentId?: string; readonly workId?: string }
  readonly outcome: string
  readonly code: string | undefined
}

/** `others` are the tickets that nobody of the authors opened. */
export async function checkOnce(app: App, authors: readonly Author[], others: readonly string[]): Promise<void> {
  for (const { courier, id } of authors) {
    expect(courier.contradictions, 'a repeat returns the first verdict').toEqual([])
    await checkReceipts(app, courier)
    await checkRows(app, id, doneBy(courier))
    await checkEvents(app, id, doneBy(courier))
  }
  await checkCounters(app, authors, others)
}

function doneBy(courier: Courier): Done[] {
  return [...courier.made.values()].map(({ id, name, input }) => {
    const verdict = courier.verdicts.get(id)
    return { name, input: input as Done['input'], outcome: verdict?.outcome ?? 'none', code: verdict?.code }
  })
}

/** No acknowledged command is lost, none is left undecided, and each receipt is the verdict that was first seen. */
async function checkReceipts({ read }: App, courier: Courier): Promise<void> {
  const rows = await read.selectFrom('receipt').selectAll().where('deviceId', '=', courier.deviceId).execute()
  const stored = new Map(rows.map((row) => [row.id, verdictOf(row)]))
  expect(stored.size).toBe(courier.made.size)
  for (const id of courier.made.keys()) expect(stored.get(id)).toEqual(courier.verdicts.get(id))
}

/** What only ever is added is there once, under the id that its author gave it. */
async function checkRows({ read }: App, authorId: string, all: readonly Done[]): Promise<void> {
  const comments = await read.selectFrom('comment').select('id').where('authorId', '=', authorId).execute()
  const work = await read.selectFrom('workLog').select('id').where('authorId', '=', authorId).execute()
  const given = applied(all, 'comment.add').map(({ input }) => input.commentId ?? '')
  const notes = all.filter(({ code }) => code === 'already-resolved')
  const ids = new Set(comments.map(({ id }) => id))
  expect(given.filter((id) => !ids.has(id))).toEqual([])
  expect(comments.length, 'comments, and the resolutions that came second').toBe(given.length + notes.length)
  expect(work.map(({ id }) => id).toSorted()).toEqual(
    applied(all, 'work.log')
      .map(({ input }) => input.workId ?? '')
      .toSorted(),
  )
}

const EVENT_OF: Record<string, string> = {
  'comment.add': 'comment-added',
  'work.log': 'work-logged',
  'ticket.create': 'ticket-created',
  'ticket.tag': 'tag-added',
  'ticket.untag': 'tag-removed',
  'ticket.edit': 'ticket-edited',
  'ticket.transition': 'ticket-status-changed',
  'ticket.resolve': 'ticket-status-changed',
  'ticket.reopen': 'ticket-status-changed',
}

/** Each command that was applied left one event: the log would show an effect that came twice. */
async function checkEvents({ read }: App, authorId: string, all: readonly Done[]): Promise<void> {
  const rows = await read.selectFrom('event').select('type').where('actorId', '=', authorId).execute()
  const expected: string[] = applied(all).map(({ name }) => EVENT_OF[name] ?? name)
  for (const { outcome, code } of all) {
    if (outcome !== 'adjusted') continue
    if (code === 'newer-value-stands' || code === 'higher-priority-stands') expected.push('ticket-edit-superseded')
    if (code === 'already-resolved') expected.push('comment-added')
  }
  const isCounted = (type: string) => type !== 'ticket-resolved-earlier'
  expect(tally(rows.map(({ type }) => type).filter(isCounted))).toEqual(tally(expected))
}

async function checkCounters({ read }: App, authors: readonly Author[], others: readonly string[]): Promise<void> {
  const all = authors.flatMap(({ courier }) => doneBy(courier))
  const tickets = await read.selectFrom('ticket').select(['id', 'number', 'reopenCount']).orderBy('number').execute()
  const gapless = tickets.map((_, index) => `TKT-${String(index + 1).padStart(4, '0')}`)
  expect(tickets.map(({ number }) => number)).toEqual(gapless)
  const opened = applied(all, 'ticket.create').map(({ input }) => input.ticketId)
  expect(tickets.map(({ id }) => id).toSorted()).toEqual([...opened, ...others].toSorted())
  const reopened = applied(all, 'ticket.reopen').map(({ input }) => input.ticketId)
  const counts = tickets.filter(({ reopenCount }) => reopenCount > 0).map(({ id, reopenCount }) => [id, reopenCount])
  expect(Object.fromEntries(counts)).toEqual(tally(reopened))
  const revisions = await read.selectFrom('revision').select('seq').orderBy('seq').execute()
  expect(revisions.at(-1)?.seq, 'revisions are gapless').toBe(revisions.length)
}

function applied(all: readonly Done[], name?: string): Done[] {
  return all.filter((each) => each.outcome === 'applied' && (name === undefined || each.name === name))
}

function tally(items: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1
  return counts
}
