/**
 * Receipts: the stored verdict of every command that came with an id. A repeat is answered from here with the present
 * verdict: a parked command gets another one when a person has decided it.
 */
import type { Selectable } from 'kysely'
import { upcast, type Named } from '@rejoin/shared/sync/upcast.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type { Read } from '../storage/db.ts'
import { prepared } from '../storage/prepared.ts'
import type { ReceiptTable } from '../storage/tables.ts'

export type Receipt = Selectable<ReceiptTable>

export function findReceipt(read: Read, id: string): Receipt | undefined {
  return receiptById(read, { id })[0]
}

const receiptById = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('receipt').selectAll().where('id', '=', param('id')),
)

/** The verdicts of these devices' commands that changed after `cursor`, in the order of the changes. */
export function decidedSince(read: Read, deviceIds: readonly string[], cursor: number): Verdict[] {
  const rows: Parameters<typeof verdictOf>[0][] = []
  for (const deviceId of deviceIds) rows.push(...decisions(read, { deviceId, cursor }))
  return rows.map(verdictOf)
}

const decisions = prepared<{ deviceId: string; cursor: number }>()((read, param) =>
  read
    .selectFrom('receipt')
    .select(['id', 'outcome', 'code', 'message', 'hint'])
    .where('deviceId', '=', param('deviceId'))
    .where('decidedSeq', '>', param('cursor'))
    .orderBy('decidedSeq')
    .orderBy('number'),
)

/** The command with today's name and schema. Its input is kept only while the command is parked. */
export function askedBy({ name, input, schema }: Pick<Receipt, 'name' | 'input' | 'schema'>): Named {
  return upcast({ name, input: input === null ? undefined : (JSON.parse(input) as unknown) }, schema)
}

export function verdictOf(row: Pick<Receipt, 'id' | 'outcome' | 'code' | 'message' | 'hint'>): Verdict {
  return {
    id: row.id,
    outcome: row.outcome,
    ...(row.code !== null && { code: row.code }),
    ...(row.message !== null && { message: row.message }),
    ...(row.hint !== null && { hint: row.hint }),
  }
}
