/**
 * The earlier failed commands of the same device that a command builds on. They are found in receipts, so that the
 * result holds over exchanges and connections, and is the same whenever a command is sent again.
 */
import { sql } from 'kysely'
import { DEVICE_COMMANDS, isDeviceCommand } from '@rejoin/shared/commands.ts'
import { ADDED, changesOf, needsOf } from '@rejoin/shared/sync/depends.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { MAX_BASIS } from '@rejoin/shared/sync/wire.ts'
import type { Asked } from '../../core/commit/asked.ts'
import type { Origin, Wait } from '../../core/commit/ports.ts'
import { askedBy, findReceipt, type Receipt } from '../../core/commit/receipts.ts'
import type { Kinds } from '../../core/documents/kinds.ts'
import type { Tx } from '../../core/storage/db.ts'
import { prepared } from '../../core/storage/prepared.ts'
import { briefly, isRefusedByPerson, refusalAfter } from '../../slices/parked/queries.ts'

/** The facts that a waiting command is told of its cause. */
type Cause = Pick<Receipt, 'id' | 'name' | 'number' | 'deviceId' | 'outcome' | 'code' | 'message'>

/** A command that waits for the last of a chain waits for all of it, since each waits for those before it. */
const MOST_CAUSES = MAX_BASIS
/** At most this many are looked at, the newest ones. */
const MOST_PARKED = 500

/**
 * A command waits for parked work of its device on the same document, and for refused work if its author did not know of
 * the refusal when they continued from it: the device names that work, and if it does not, the earlier commands of the
 * same exchange had no verdict either.
 */
export function waitFor(
  tx: Tx,
  kinds: Kinds,
  { incarnations, subjectId: documentId, basis }: Origin,
  command: Asked,
): Wait | null {
  if (documentId === null || !isDeviceCommand(command.name)) return null
  const own = new Set(incarnations)
  const named = refusedAmong(tx, basis).filter(({ deviceId }) => own.has(deviceId ?? ''))
  const needs = new Set(needsOf(command))
  const parked = parkedOn(tx, { documentId, incarnations: JSON.stringify(incarnations), added: JSON.stringify(ADDED) })
  const before = parked.filter(({ id }) => changesOfParked(tx, incarnations, id).some((aspect) => needs.has(aspect)))
  const found: Cause[] = [...named, ...before.slice(0, MOST_CAUSES).toReversed()]
  if (found.length === 0) return null
  // A document that exists need not be waited for, even if its parked creation would make it.
  const isThere = kinds.of(tx, documentId) !== null
  const causes = isThere ? found.filter(({ name }) => !createsDocument(name)) : found
  const last = causes.at(-1)
  if (last === undefined) return null
  const refused = causes.find(isRefusedByPerson)
  if (refused !== undefined) return { ids: [refused.id], refusal: refusalAfter(refused) }
  return { ids: causes.map(({ id }) => id), refusal: dependsOn(last) }
}

function createsDocument(name: string): boolean {
  return isDeviceCommand(name) && DEVICE_COMMANDS[name].createsDocument
}

/** The newest first. Parked receipts have an index of their own, which SQLite uses only for the literal word. */
const parkedOn = prepared<{ documentId: string; incarnations: string; added: string }>()((read, param) =>
  read
    .selectFrom('receipt')
    .select(['id', 'name', 'number', 'deviceId', 'outcome', 'code', 'message'])
    .where('outcome', '=', sql.lit('parked'))
    .where('subjectId', '=', param('documentId'))
    .where(sql<boolean>`"deviceId" in (select value from json_each(${param('incarnations')}))`)
    .where(sql<boolean>`name not in (select value from json_each(${param('added')}))`)
    .orderBy('number', 'desc')
    .limit(sql.lit(MOST_PARKED)),
)

/**
 * By exchange and id, the aspects that parked commands would change: each is read once for an exchange, whose origins
 * share one list of ids.
 */
const knownChanges = new WeakMap<Origin['incarnations'], Map<string, readonly string[]>>()

function changesOfParked(tx: Tx, incarnations: Origin['incarnations'], id: string): readonly string[] {
  const known = knownChanges.get(incarnations) ?? new Map<string, readonly string[]>()
  knownChanges.set(incarnations, known)
  const changes = known.get(id)
  if (changes !== undefined) return changes
  const receipt = findReceipt(tx, id)
  const found = receipt === undefined ? [] : changesOf(askedBy(receipt))
  known.set(id, found)
  return found
}

function refusedAmong(tx: Tx, ids: readonly string[]): Receipt[] {
  return ids
    .flatMap((id) => findReceipt(tx, id) ?? [])
    .filter(({ outcome }) => outcome === 'refused')
    .sort((one, other) => one.number - other.number)
}

function dependsOn({ name, outcome, message }: Cause): Refusal {
  return new Refusal(
    'depends',
    `It depends on your ${name}, which is ${outcome}: ${briefly(message)}`,
    outcome === 'parked'
      ? 'It is judged again when that command is decided.'
      : 'A supervisor decides, or you do it again.',
  )
}
