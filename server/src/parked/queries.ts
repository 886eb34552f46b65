/** Reading parked commands: what devices brought and the rules left to a person. */
import { sql } from 'kysely'
import { may, relationsOf, type Actor } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { askedBy, type Receipt } from '../core/commit/receipts.ts'
import type { Read } from '../core/db.ts'
import type { QueryContext } from '../core/trpc.ts'
import { findTicket, permitted } from '../tickets/queries.ts'

const PAGE = 200
/** Written out in the query: only so does SQLite see that the indexes of what is parked have it. */
const PARKED = sql<'parked'>`'parked'`

/** Those that the reader may decide, the oldest first. */
export async function parkedCommands({ read, actor }: QueryContext) {
  let select = read
    .selectFrom('receipt')
    .leftJoin('ticket', 'ticket.id', 'receipt.subjectId')
    .innerJoin('user', 'user.id', 'receipt.actorId')
    .select([
      'receipt.id',
      'receipt.name',
      'receipt.input',
      'receipt.schema',
      'receipt.code',
      'receipt.message',
      'receipt.hint',
      'receipt.actorId',
      'user.name as actorName',
      'receipt.subjectId as ticketId',
      'ticket.number',
      'ticket.title',
      'receipt.groupId',
      'receipt.waitsFor',
      'receipt.effectiveAt',
      'receipt.claimedAt',
      'receipt.recordedAt',
    ])
    .where('receipt.outcome', '=', PARKED)
    .where('receipt.deviceId', 'is not', null)
  // What was to create its ticket, or names none that is left, is in no department.
  if (!mayReviewAnything(actor)) select = select.where(permitted(actor, 'parked.review') as never)
  const rows = await select.orderBy('receipt.number').limit(PAGE).execute()
  return rows.map(({ input, schema, waitsFor, ...row }) => ({
    ...row,
    input: askedBy({ name: row.name, input, schema }).input ?? null,
    waitsFor: idsIn(waitsFor),
  }))
}

/** A command that `actor` may decide. Throws `Refusal` `not-found`, or `forbidden` to who may see its ticket. */
export async function getReviewed(read: Read, actor: Actor, commandId: string): Promise<Receipt> {
  const receipt = await findDeviceReceipt(read, commandId)
  const ticket = findTicket(read, receipt?.subjectId ?? '')
  if (receipt === undefined) throw noParked(commandId)
  if (mayReviewAnything(actor)) return receipt
  if (ticket === undefined) throw noParked(commandId)
  const relations = relationsOf(actor, ticket)
  if (may(actor, 'parked.review', relations)) return receipt
  if (!may(actor, 'ticket.read', relations)) throw noParked(commandId)
  throw new Refusal('forbidden', `You may not decide about work on ${ticket.number}.`, 'Ask a supervisor.')
}

/** A command that `actor` queued on a device. Throws `Refusal('not-found')`. */
export async function getOwn(read: Read, actor: Actor, commandId: string): Promise<Receipt> {
  const receipt = await findDeviceReceipt(read, commandId)
  if (receipt === undefined || receipt.actorId !== actor.id) throw noParked(commandId)
  return receipt
}

/** The commands that were judged as one with it, itself among them, in their order. */
export async function groupOf(read: Read, receipt: Receipt): Promise<Receipt[]> {
  if (receipt.groupId === null) return [receipt]
  return read
    .selectFrom('receipt')
    .selectAll()
    .where('groupId', '=', receipt.groupId)
    .where('deviceId', '=', receipt.deviceId)
    .where('outcome', '=', PARKED)
    .orderBy('number')
    .execute()
}

/** What else of the same device and ticket is parked because of other commands, in its order. */
export async function waitingBeside(read: Read, { subjectId, deviceId }: Receipt): Promise<Receipt[]> {
  return read
    .selectFrom('receipt')
    .selectAll()
    .where('outcome', '=', PARKED)
    .where('subjectId', '=', subjectId)
    .where('deviceId', '=', deviceId)
    .where('waitsFor', 'is not', null)
    .orderBy('number')
    .execute()
}

/** Which commands it waits for that did not go through, or have not. */
export async function unmetOf(read: Read, { waitsFor }: Receipt): Promise<Receipt[]> {
  const ids = idsIn(waitsFor)
  if (ids.length === 0) return []
  return read
    .selectFrom('receipt')
    .selectAll()
    .where('id', 'in', ids)
    .where('outcome', 'in', ['parked', 'refused'])
    .orderBy('number')
    .execute()
}

/** Whether a person has said the last word about it: then what builds on it will never be done either. */
export function isRefusedByPerson({ outcome, code }: Receipt): boolean {
  return outcome === 'refused' && (code === 'rejected' || code === 'withdrawn')
}

/** What is said of work that builds on what a person has refused. */
export function refusalAfter({ name, code, message }: Receipt): Refusal {
  const what = code === 'withdrawn' ? 'withdrawn' : 'rejected'
  const reason = `It builds on your ${name}, which was ${what}: ${message ?? ''}`
  return new Refusal(what, reason, 'Do it again if it still holds.')
}

export function idsIn(waitsFor: string | null): string[] {
  return waitsFor === null ? [] : (JSON.parse(waitsFor) as string[])
}

async function findDeviceReceipt(read: Read, id: string): Promise<Receipt | undefined> {
  return read
    .selectFrom('receipt')
    .selectAll()
    .where('id', '=', id)
    .where('deviceId', 'is not', null)
    .executeTakeFirst()
}

function mayReviewAnything(actor: Actor): boolean {
  return may(actor, 'parked.review', new Set(['any']))
}

function noParked(commandId: string): Refusal {
  return new Refusal(
    'not-found',
    `There is no work ${commandId} of a device that you can decide about.`,
    'List them anew.',
  )
}
