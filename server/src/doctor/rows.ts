/** Looks at every row that holds JSON or bytes, whether that can be read: one that cannot is passed over by the server. */
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Policy } from '@rejoin/shared/sla/policy.ts'
import type { Read } from '../core/db.ts'
import type { Finding } from './finding.ts'

interface Column {
  readonly table: string
  readonly column: string
  /** By which the row is named. */
  readonly key: string
  /** What holds until it is mended, and what mends it. */
  readonly hint: string
  readonly parse?: (json: unknown) => unknown
}

const RESTORE = 'Take it from a backup, or set it anew.'
const HISTORY = 'It reads as empty; a backup has it.'
const FOLLOWS = 'Stop the server and run "rejoin doctor --fix": it follows from the log.'

/** What holds JSON. Bytes of documents have checksums: see `derived.ts`. */
export const JSON_COLUMNS: readonly Column[] = [
  { table: 'apiToken', column: 'scopes', key: 'id', hint: 'It opens nothing until its owner makes another one.' },
  { table: 'audit', column: 'payload', key: 'number', hint: HISTORY },
  {
    table: 'customRole',
    column: 'grants',
    key: 'name',
    hint: 'Nobody comes in by it until an administrator edits it.',
  },
  { table: 'event', column: 'payload', key: 'id', hint: HISTORY },
  { table: 'invitation', column: 'departments', key: 'email', hint: 'Invite them again.' },
  { table: 'notification', column: 'payload', key: 'id', hint: HISTORY },
  { table: 'outbox', column: 'payload', key: 'id', hint: 'It is set aside: discard it in mail.failed.' },
  { table: 'receipt', column: 'input', key: 'id', hint: 'Reject it: its author has it in their inbox.' },
  { table: 'receipt', column: 'output', key: 'id', hint: 'A repeat of it is answered without what it returned.' },
  { table: 'receipt', column: 'waitsFor', key: 'id', hint: 'Decide about it by itself.' },
  { table: 'setting', column: 'value', key: 'key', hint: 'It is as delivered until an administrator sets it anew.' },
  { table: 'slaCalendarVersion', column: 'value', key: 'id', hint: RESTORE, parse: (json) => Calendar.parse(json) },
  { table: 'slaClock', column: 'crossed', key: 'ticketId', hint: FOLLOWS },
  { table: 'slaClock', column: 'pauses', key: 'ticketId', hint: FOLLOWS },
  { table: 'slaClock', column: 'segments', key: 'ticketId', hint: FOLLOWS },
  { table: 'slaEvent', column: 'payload', key: 'id', hint: HISTORY },
  { table: 'slaPolicyVersion', column: 'value', key: 'id', hint: RESTORE, parse: (json) => Policy.parse(json) },
  { table: 'slaTicket', column: 'standing', key: 'ticketId', hint: FOLLOWS },
  { table: 'ticket', column: 'custom', key: 'number', hint: 'It reads as empty until somebody sets it anew.' },
  { table: 'ticket', column: 'skills', key: 'number', hint: 'It reads as empty until somebody sets it anew.' },
]

export async function lookAtRows(read: Read): Promise<Finding[]> {
  const findings = JSON_COLUMNS.flatMap((column) => faultsIn(read, column))
  return findings.length === 0 ? [{ check: 'rows', severity: 'ok', message: 'Every row can be read.' }] : findings
}

function faultsIn(read: Read, { table, column, key, hint, parse }: Column): Finding[] {
  const isBroken = parse === undefined ? `not json_valid("${column}")` : '1'
  const rows = read.rows<{ name: string | number; value: string }>(
    `select "${key}" as name, "${column}" as value from "${table}" where "${column}" is not null and ${isBroken} order by 1`,
    [],
  )
  const damaged = rows
    .filter(({ value }) => parse === undefined || !reads(value, parse))
    .map(({ name }) => String(name))
  return damaged.map((name) => ({
    check: 'rows',
    severity: 'error',
    message: `${column} of the ${table} ${name} is damaged.`,
    hint,
    ...(hint === FOLLOWS && { fix: { kind: 'mend-clocks', ticketIds: [name] } as const }),
  }))
}

function reads(value: string, parse: (json: unknown) => unknown): boolean {
  try {
    parse(JSON.parse(value))
    return true
  } catch {
    return false
  }
}
