/** Checks that every column of JSON or bytes can be read: the server skips rows that cannot. */
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Policy } from '../../slices/sla/engine/policy.ts'
import type { Read } from '../../core/storage/db.ts'
import type { Finding } from './finding.ts'

interface Column {
  readonly table: string
  readonly column: string
  /** The column that names the row. */
  readonly key: string
  /** The behaviour until it is repaired, and how to repair it. */
  readonly hint: string
  readonly parse?: (json: unknown) => unknown
}

const RESTORE = 'Copy it from a backup, or set it again.'
const HISTORY = 'The server reads it as empty. A backup may have it.'
const FOLLOWS = 'Stop the server and run "rejoin doctor --fix", which computes it again from the log.'

/** The columns that hold JSON. Bytes of documents have checksums: see `derived.ts`. */
export const JSON_COLUMNS: readonly Column[] = [
  { table: 'apiToken', column: 'scopes', key: 'id', hint: 'The token is refused: its owner must create another one.' },
  { table: 'audit', column: 'payload', key: 'number', hint: HISTORY },
  {
    table: 'customRole',
    column: 'grants',
    key: 'name',
    hint: 'People with this role are refused until an administrator edits it.',
  },
  { table: 'event', column: 'payload', key: 'id', hint: HISTORY },
  { table: 'invitation', column: 'departments', key: 'email', hint: 'Invite the person again.' },
  { table: 'notification', column: 'payload', key: 'id', hint: HISTORY },
  {
    table: 'outbox',
    column: 'payload',
    key: 'id',
    hint: 'The message is set aside. Find it in mail.failed and discard it.',
  },
  { table: 'receipt', column: 'input', key: 'id', hint: 'Reject this command: its author has it in the inbox.' },
  {
    table: 'receipt',
    column: 'output',
    key: 'id',
    hint: 'A repetition of this command is answered without the output.',
  },
  { table: 'receipt', column: 'waitsFor', key: 'id', hint: 'Approve or reject this command by itself.' },
  { table: 'setting', column: 'value', key: 'key', hint: 'The default applies until an administrator sets it again.' },
  { table: 'slaCalendarVersion', column: 'value', key: 'id', hint: RESTORE, parse: (json) => Calendar.parse(json) },
  { table: 'slaClock', column: 'crossed', key: 'ticketId', hint: FOLLOWS },
  { table: 'slaClock', column: 'pauses', key: 'ticketId', hint: FOLLOWS },
  { table: 'slaClock', column: 'segments', key: 'ticketId', hint: FOLLOWS },
  { table: 'slaEvent', column: 'payload', key: 'id', hint: HISTORY },
  { table: 'slaPolicyVersion', column: 'value', key: 'id', hint: RESTORE, parse: (json) => Policy.parse(json) },
  { table: 'slaTicket', column: 'standing', key: 'ticketId', hint: FOLLOWS },
  {
    table: 'ticket',
    column: 'custom',
    key: 'number',
    hint: 'The server reads it as empty until somebody sets it again.',
  },
  {
    table: 'ticket',
    column: 'skills',
    key: 'number',
    hint: 'The server reads it as empty until somebody sets it again.',
  },
]

export function lookAtRows(read: Read): Finding[] {
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
    ...(hint === FOLLOWS && { fix: { kind: 'mend-clocks', ids: [name] } as const }),
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
