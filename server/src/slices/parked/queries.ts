/** Reads parked commands: work of devices that the rules leave to a person. */
import { sql } from 'kysely'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { may, relationsOf, type Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Named } from '@rejoin/shared/sync/upcast.ts'
import { askedBy, findReceipt, type Receipt } from '../../core/commit/receipts.ts'
import type { Read } from '../../core/storage/db.ts'
import { storedJson } from '../../core/storage/stored-json.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import { findTicket, permitted } from '../tickets/queries.ts'
import type { list } from './contract.ts'

/** Written out in the query: only then does SQLite use the indexes of parked receipts. */
const PARKED = sql<'parked'>`'parked'`
/** The characters of a shortened message. */
const BRIEF = 200

/** The number of the last row of the page before. Where that row is gone, the list begins again: it omits nothing. */
export function numberBefore(read: Read, { after }: ParsedOf<typeof list>): number {
  return after === undefined ? 0 : (findReceipt(read, after.id)?.number ?? 0)
}

/** The parked commands that the reader may decide, oldest first. */
export async function parkedWork({ read, actor }: QueryContext, page: ParsedOf<typeof list>) {
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
    .where('receipt.number', '>', numberBefore(read, page))
  // A command that would create its ticket, or whose ticket is gone, is in no department.
  if (!mayReviewAnything(actor)) select = select.where(permitted(actor, 'parked.review') as never)
  const rows = await select.orderBy('receipt.number').limit(page.limit).execute()
  return rows.map(({ input, schema, waitsFor, ...row }) => ({
    ...row,
    input: askedFor(read, { id: row.id, name: row.name, input, schema })?.input ?? null,
    waitsFor: idsIn(read, { id: row.id, waitsFor }),
  }))
}

/** A command that `actor` may decide. Throws `Refusal` `not-found`, or `forbidden` if they may see its ticket. */
export async function getReviewed(read: Read, actor: Actor, commandId: string): Promise<Receipt> {
  const receipt = await findDeviceReceipt(read, commandId)
  const ticket = findTicket(read, receipt?.subjectId ?? '')
  if (receipt === undefined) throw noParked(commandId)
  if (mayReviewAnything(actor)) return receipt
  if (ticket === undefined) throw noParked(commandId)
  const relations = relationsOf(actor, ticket)
  if (may(actor, 'parked.review', relations)) return receipt
  if (!may(actor, 'ticket.read', relations)) throw noParked(commandId)
  throw new Refusal('forbidden', `You may not decide on work for ${ticket.number}.`, 'Ask a supervisor.')
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
  return await read
    .selectFrom('receipt')
    .selectAll()
    .where('groupId', '=', receipt.groupId)
    .where('deviceId', '=', receipt.deviceId)
    .where('outcome', '=', PARKED)
    .orderBy('number')
    .execute()
}

/** The commands of the same device and ticket that are parked because of other commands, in their order. */
export function waitingBeside(read: Read, { subjectId, deviceId }: Receipt): Promise<Receipt[]> {
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

/** The commands it waits for that are parked or refused. */
export async function unmetOf(read: Read, { id, waitsFor }: Receipt): Promise<Receipt[]> {
  const ids = idsIn(read, { id, waitsFor })
  if (ids.length === 0) return []
  return await read
    .selectFrom('receipt')
    .selectAll()
    .where('id', 'in', ids)
    .where('outcome', 'in', ['parked', 'refused'])
    .orderBy('number')
    .execute()
}

/** Whether a person has refused it for good: then the commands that build on it will never be done either. */
export function isRefusedByPerson({ outcome, code }: Pick<Receipt, 'outcome' | 'code'>): boolean {
  return outcome === 'refused' && (code === 'rejected' || code === 'withdrawn')
}

/** The refusal of a command that builds on one that a person has refused. */
export function refusalAfter({ name, code, message }: Pick<Receipt, 'name' | 'code' | 'message'>): Refusal {
  const what = code === 'withdrawn' ? 'withdrawn' : 'rejected'
  const reason = `It depends on your ${name}, which was ${what}: ${briefly(message)}`
  return new Refusal(what, reason, 'Do it again if it is still needed.')
}

/** Shortens a message: the refusals of a chain of commands must not grow by quoting each other. */
export function briefly(message: string | null): string {
  if (message === null || message.length <= BRIEF) return message ?? ''
  return `${message.slice(0, BRIEF).toWellFormed()}…`
}

export function idsIn(read: Read, { id, waitsFor }: Pick<Receipt, 'id' | 'waitsFor'>): string[] {
  return waitsFor === null
    ? []
    : storedJson<string[]>(read, waitsFor, `The dependencies of the parked command ${id}`, [])
}

/** The command's name and input; null where the disk has damaged the input. */
export function askedFor(read: Read, receipt: Pick<Receipt, 'id' | 'name' | 'input' | 'schema'>): Named | null {
  try {
    return askedBy(receipt)
  } catch (error) {
    read.passedOver(`The input of the parked command ${receipt.id}`, error)
    return null
  }
}

function findDeviceReceipt(read: Read, id: string): Promise<Receipt | undefined> {
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
  return new Refusal('not-found', `There is no command ${commandId} that you can decide on.`, 'Load the list again.')
}
