/** Compares the verdicts of devices with the server's data: every accepted command took effect once, no other did. */
import { DEVICE_COMMANDS } from '@rejoin/shared/commands.ts'
import type { TicketView } from '@rejoin/shared/tickets/ticket.ts'
import type { Outcome } from '@rejoin/shared/sync/verdicts.ts'
import { recordsUnder, VERDICT_PREFIX, type DecidedRecord } from '@rejoin/client-sdk/ledger/records.ts'
import { mustMatch } from './checks.ts'

/** The commands in a device's store that the server has decided, with their verdicts. */
export function decidedIn(records: Iterable<readonly [string, unknown]>): DecidedRecord[] {
  return recordsUnder<DecidedRecord>(new Map(records), VERDICT_PREFIX).map(([, record]) => record)
}

export function isAccepted({ verdict }: DecidedRecord): boolean {
  return verdict.outcome === 'applied' || verdict.outcome === 'adjusted'
}

/** Throws `DoesNotHold` at the first effect that is missing, doubled, or there without an accepting verdict. */
export function checkEffects(decided: readonly DecidedRecord[], tickets: ReadonlyMap<string, TicketView>): void {
  const present = countIds(tickets)
  const accounted = new Set<string>()
  for (const record of decided) {
    const id = madeBy(record)
    if (id === null) continue
    const { name, id: commandId } = record.command
    const times = isAccepted(record) ? 1 : 0
    mustMatch(
      `${name} ${commandId} (${record.verdict.outcome}) took effect ${times} times`,
      present.get(id) ?? 0,
      times,
    )
    accounted.add(id)
  }
  const unaccounted = [...tickets.values()].flatMap(({ comments, work }) =>
    [...comments.filter((comment) => !isServersNote(comment)), ...work].filter(({ id }) => !accounted.has(id)),
  )
  mustMatch('no comment and no work log is there that no device sent', unaccounted, [])
}

/** The id of the comment, work or ticket that the command creates, or null where it only changes existing ones. */
function madeBy({ command: { name, input } }: DecidedRecord): string | null {
  if (name === 'comment.add') return DEVICE_COMMANDS[name].input.parse(input).commentId
  if (name === 'work.log') return DEVICE_COMMANDS[name].input.parse(input).workId
  return name === 'ticket.create' ? DEVICE_COMMANDS[name].input.parse(input).ticketId : null
}

function countIds(tickets: ReadonlyMap<string, TicketView>): Map<string, number> {
  const counts = new Map<string, number>()
  const made = [...tickets.values()].flatMap(({ id, comments, work }) => [{ id }, ...comments, ...work])
  for (const { id } of made) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

/** Whether the comment is the server's: the words of a resolution that came second, kept as a note. */
function isServersNote({ visibility, body }: TicketView['comments'][number]): boolean {
  return visibility === 'internal' && body.startsWith('Resolution: ')
}

export type Tally = Record<Outcome, number>

export function tallyOf(decided: readonly DecidedRecord[]): Tally {
  const tally: Tally = { applied: 0, adjusted: 0, parked: 0, refused: 0 }
  for (const { verdict } of decided) tally[verdict.outcome] += 1
  return tally
}
