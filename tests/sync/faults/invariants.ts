/** The seven laws, asked of the database when everybody has rejoined. A broken law is thrown with its number. */
import { isDeepStrictEqual } from 'node:util'
import { getAuthor } from '@rejoin/server/slices/accounts/queries.ts'
import type { App } from '@rejoin/server/app.ts'
import { verdictOf, type Receipt } from '@rejoin/server/core/commit/receipts.ts'
import { checkLaws } from '../../harness/laws.ts'
import type { Field } from '../../harness/world.ts'
import { clockFault } from './clocks.ts'
import { DECISIONS, Violation, type Book, type Law, type Made } from './book.ts'
import { sameVerdict, type Heard } from './said.ts'
import type { Office } from './office.ts'
import type { Model, ModelTicket } from './model.ts'
import { judge } from './rules.ts'

/** A frame's time on its way is no clock's fault. */
const OFF_MS = 2 * 60_000

/** Events of commands that the model follows exactly. */
const COUNTED = [
  'ticket-created',
  'comment-added',
  'work-logged',
  'ticket-edited',
  'ticket-edit-superseded',
  'ticket-status-changed',
  'ticket-assigned',
  'ticket-unassigned',
  'ticket-moved',
  'tag-added',
  'tag-removed',
  'watcher-added',
  'watcher-removed',
]

export async function checkInvariants(app: App, book: Book, office: Office, fields: readonly Field[]): Promise<Model> {
  await checkReceipts(app, book)
  await checkTimes(app, book)
  const model = await replay(app, book, office)
  await checkTickets(app, model)
  await checkPeople(app, model)
  await checkEvents(app, model)
  await checkCounters(app)
  await checkClocks(app, model)
  checkIdentities(fields)
  await checkReplicas(app, fields)
  return model
}

/** Laws 1, 2 and 4: one verdict each, and the one that was heard; no promised command is gone. */
async function checkReceipts({ read }: App, book: Book): Promise<void> {
  const rows = await read.selectFrom('receipt').selectAll().execute()
  const stored = new Map(rows.map((row) => [row.id, verdictOf(row)]))
  for (const id of stored.keys()) if (!book.made.has(id)) throw new Violation(1, `nobody made command ${id}`)
  for (const { id, name } of book.made.values()) {
    const verdict = stored.get(id)
    const heard = book.said.heard.get(id)
    if (book.said.lost.has(id)) {
      if (verdict !== undefined)
        throw new Violation(1, `${name} ${id} was done at a desk, lost, and nobody did it again`)
      continue
    }
    if (verdict === undefined && book.said.isForgotten(id)) continue
    if (heard === undefined) throw new Violation(4, `${name} ${id} was queued and never decided`)
    // The device itself takes back commands that would fit into no frame; nothing in a run is that large.
    if (verdict === undefined) throw new Violation(2, `${name} ${id} was answered ${heard.outcome} and is gone`)
    if (!sameVerdict(verdict, heard)) {
      throw new Violation(1, `${name} ${id} was told ${JSON.stringify(heard)}, stored is ${JSON.stringify(verdict)}`)
    }
  }
}

/** Law 7: an unmarked command took effect when it was done, even if the clocks of its device were disturbed. */
async function checkTimes({ read }: App, { made, timesKnownFrom }: Book): Promise<void> {
  const rows = await read.selectFrom('receipt').selectAll().where('clockSuspect', '=', 0).execute()
  for (const { id, name, effectiveAt, claimedAt } of rows) {
    const doneAt = made.get(id)?.doneAt ?? null
    if (doneAt === null || doneAt < timesKnownFrom || claimedAt !== null) continue
    const offMs = effectiveAt - doneAt
    if (Math.abs(offMs) > OFF_MS) throw new Violation(7, `${name} ${id} is placed ${offMs} ms from when it was done`)
  }
}

/** The model after every command, in the order in which the server judged them. */
async function replay({ read }: App, book: Book, { departments, members }: Office): Promise<Model> {
  const people = new Map(members.map((member) => [member.id, member]))
  const { overfull } = book
  const model: Model = { tickets: new Map(), events: new Map(), departments, people, overfull }
  const groups = new Map<string, boolean>()
  const rows = await read.selectFrom('receipt').selectAll().orderBy('number').execute()
  for (const row of inOrderOfEffect(rows, book)) {
    const made = book.made.get(row.id)
    const actor = people.get(row.actorId)
    if (made === undefined || actor === undefined) throw new Violation(1, `nobody made command ${row.id}`)
    const { id: _, ...verdict } = verdictOf(row)
    shareFate(groups, made, verdict)
    judge(model, { ...made, verdict, actor, isDecidedLater: row.decidedSeq !== null })
  }
  return model
}

/** A group was accepted whole, or not at all. */
function shareFate(groups: Map<string, boolean>, { group, name, id }: Made, { outcome }: Heard): void {
  if (group === null) return
  const isAccepted = outcome === 'applied' || outcome === 'adjusted'
  const ofOthers = groups.get(group) ?? isAccepted
  groups.set(group, isAccepted)
  if (ofOthers !== isAccepted) throw new Violation(3, `${name} ${id} was ${outcome}, unlike the rest of its group`)
}

/** A parked command takes effect where somebody decided about it, or about the command that it waited for. */
function inOrderOfEffect(rows: readonly Receipt[], { made }: Book): Receipt[] {
  const seqOf = new Map(rows.map(({ id, decidedSeq }) => [id, decidedSeq]))
  const placeOf = new Map<number, number>()
  for (const { id, name, number, outcome } of rows) {
    if (!DECISIONS.has(name) || outcome !== 'applied') continue
    const input = made.get(id)?.input as { commandId: string } | undefined
    const seq = seqOf.get(input?.commandId ?? '') ?? null
    if (seq !== null && !placeOf.has(seq)) placeOf.set(seq, number)
  }
  const place = ({ decidedSeq, number }: Receipt) => placeOf.get(decidedSeq ?? 0) ?? number
  return rows.toSorted((one, other) => place(one) - place(other) || one.number - other.number)
}

/** Laws 2 and 3: accepted commands left their effects, refused ones nothing, and there are no other effects. */
async function checkTickets({ read }: App, model: Model): Promise<void> {
  const rows = await read.selectFrom('ticket').selectAll().orderBy('number').execute()
  equal(3, 'the tickets', rows.map(({ id }) => id).toSorted(), [...model.tickets.keys()].toSorted())
  for (const row of rows) {
    const ticket = model.tickets.get(row.id)
    if (ticket === undefined) continue
    const idsOf = async (table: 'comment' | 'workLog') =>
      (await read.selectFrom(table).select('id').where('ticketId', '=', row.id).execute()).map(({ id }) => id)
    const tags = await read.selectFrom('ticketTag').select('tag').where('ticketId', '=', row.id).execute()
    const watchers = await read.selectFrom('ticketWatcher').select('userId').where('ticketId', '=', row.id).execute()
    const comments = await idsOf('comment')
    const { status, assigneeId, departmentId, requesterId, title, priority, reopenCount } = row
    const fields = { status, assigneeId, departmentId, requesterId, title, priority, reopenCount }
    equal(3, row.number, fields, fieldsOf(ticket))
    for (const id of ticket.comments) if (!comments.includes(id)) throw new Violation(2, `comment ${id} is gone`)
    equal(3, `the number of comments of ${row.number}`, comments.length, ticket.comments.size + ticket.notes)
    equal(2, `the work on ${row.number}`, (await idsOf('workLog')).toSorted(), [...ticket.work].toSorted())
    equal(2, `the tags of ${row.number}`, tags.map(({ tag }) => tag).toSorted(), [...ticket.tags].toSorted())
    const watching = watchers.map(({ userId }) => userId).toSorted()
    equal(2, `the watchers of ${row.number}`, watching, [...ticket.watchers].toSorted())
    const typed = (row.notes.match(/<\w+:\d+>/g) ?? []).toSorted()
    equal(2, `what was typed into ${row.number}`, typed, [...ticket.typed].toSorted())
  }
}

function fieldsOf(ticket: ModelTicket) {
  const { status, assigneeId, departmentId, requesterId, title, priority, reopenCount } = ticket
  return { status, assigneeId, departmentId, requesterId, title, priority, reopenCount }
}

async function checkPeople({ read }: App, { people }: Model): Promise<void> {
  for (const { id, name, role, departments } of people.values()) {
    const person = getAuthor(read, id)
    const found = { role: person.role, departments: person.departments.toSorted() }
    equal(2, `the rights of ${name}`, found, { role, departments: departments.toSorted() })
  }
}

/** Law 1: the log would show an effect that came twice. */
async function checkEvents({ read }: App, { events }: Model): Promise<void> {
  const rows = await read.selectFrom('event').select('type').execute()
  for (const type of COUNTED) {
    equal(1, `the events ${type}`, rows.filter((row) => row.type === type).length, events.get(type) ?? 0)
  }
}

/** Law 3: a refused command would leave a hole, and an unrecorded change a revision without its tag. */
async function checkCounters({ read }: App): Promise<void> {
  const tickets = await read.selectFrom('ticket').select('number').orderBy('number').execute()
  const numbers = tickets.map(({ number }) => number)
  equal(
    3,
    'the numbers',
    numbers,
    numbers.map((_, index) => `TKT-${String(index + 1).padStart(4, '0')}`),
  )
  const revisions = await read.selectFrom('revision').select('seq').orderBy('seq').execute()
  const [first] = revisions
  // The old end of the log may have been cut off.
  equal(3, 'the last revision', revisions.at(-1)?.seq, (first?.seq ?? 0) + revisions.length - 1)
}

/** Law 7. */
async function checkClocks(app: App, { tickets }: Model): Promise<void> {
  for (const id of tickets.keys()) {
    const fault = await clockFault(app, id)
    if (fault !== null) throw new Violation(7, `the clocks of ${id}: ${fault}`)
  }
}

/** Only a copy of its store makes a device another one; no other fault does. */
function checkIdentities(fields: readonly Field[]): void {
  for (const { id, formerId, person } of fields) {
    if (formerId !== null)
      throw new Violation(4, `the device ${formerId} of ${person.name} was called a copy, now ${id}`)
  }
}

/** Laws 4 to 7, by the checks that every test has. */
async function checkReplicas(app: App, fields: readonly Field[]): Promise<void> {
  try {
    await checkLaws(app, fields)
  } catch (error) {
    throw new Violation(lawOf(String(error)), error instanceof Error ? error.message : String(error))
  }
}

function lawOf(message: string): Law {
  if (message.includes('replica of')) return 5
  if (message.includes('exactly their scope')) return 6
  return message.includes('undecided') || message.includes('receipt') ? 4 : 7
}

function equal(law: Law, what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new Violation(law, `${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
}
