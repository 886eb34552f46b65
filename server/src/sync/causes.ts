/**
 * What a device's command builds on, of its own earlier work that did not go through. Found from receipts, so that it
 * holds over exchanges and connections, and the same whenever a command is sent again.
 */
import { sql } from 'kysely'
import { isDeviceCommand } from '@rejoin/shared/commands.ts'
import { basisOf, buildsOn } from '@rejoin/shared/depends.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { QueuedCommand } from '@rejoin/shared/wire.ts'
import type { Wait } from '../core/commit/ports.ts'
import { askedBy, findReceipt, type Receipt } from '../core/commit/receipts.ts'
import type { Tx } from '../core/db.ts'
import { prepared } from '../core/prepared.ts'
import { isRefusedByPerson, refusalAfter } from '../parked/queries.ts'
import { findTicket } from '../tickets/queries.ts'

interface Asked {
  /** The ids under which the device has sent its work. */
  readonly lives: readonly string[]
  readonly ticketId: string | undefined
  readonly command: QueuedCommand
  /** The commands about the same ticket that came before it in its exchange. */
  readonly before: readonly QueuedCommand[]
}

/**
 * A command waits for work of its device on the same ticket that is parked, and for refused work if its author did not
 * know of the refusal when they went on from it: the device names that, and where it does not, what came before in the
 * same exchange had no verdict either.
 */
export function waitFor(tx: Tx, { lives, ticketId, command, before }: Asked): Wait | null {
  if (ticketId === undefined || !isDeviceCommand(command.name)) return null
  const isOwn = ({ deviceId }: Receipt) => deviceId !== null && lives.includes(deviceId)
  const parked = parkedOn(tx, { ticketId }).filter(isOwn)
  const named = refusedAmong(tx, command.after ?? basisOf(command, before)).filter(isOwn)
  const found = [...named, ...parked.filter((receipt) => buildsOn(command, askedBy(receipt)))]
  if (found.length === 0) return null
  // A ticket that is there need not be waited for, whoever has created it.
  const isThere = findTicket(tx, ticketId) !== undefined
  const causes = isThere ? found.filter(({ name }) => name !== 'ticket.create') : found
  const last = causes.at(-1)
  if (last === undefined) return null
  const refused = causes.find(isRefusedByPerson)
  if (refused !== undefined) return { ids: [refused.id], refusal: refusalAfter(refused) }
  return { ids: causes.map(({ id }) => id), refusal: dependsOn(last) }
}

/** What parked is looked up in an index of its own, which SQLite takes only for the word itself. */
const parkedOn = prepared<{ ticketId: string }>()((read, param) =>
  read
    .selectFrom('receipt')
    .selectAll()
    .where('outcome', '=', sql.lit('parked'))
    .where('subjectId', '=', param('ticketId'))
    .orderBy('number'),
)

function refusedAmong(tx: Tx, ids: readonly string[]): Receipt[] {
  return ids
    .flatMap((id) => findReceipt(tx, id) ?? [])
    .filter(({ outcome }) => outcome === 'refused')
    .sort((one, other) => one.number - other.number)
}

function dependsOn({ name, outcome, message }: Receipt): Refusal {
  return new Refusal(
    'depends',
    `It builds on your ${name}, which is ${outcome}: ${message ?? ''}`,
    outcome === 'parked' ? 'It is judged again when that is decided.' : 'A supervisor decides; or do it again.',
  )
}
