/** Receipts: the stored verdict of every command that came with an id. A repeat is answered from here. */
import type { Verdict } from '@rejoin/shared/verdicts.ts'
import type { Read, Tx } from '../db.ts'
import type { ReceiptTable } from '../tables.ts'

export async function findReceipt(read: Read, id: string): Promise<ReceiptTable | undefined> {
  return read.selectFrom('receipt').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function addReceipt(tx: Tx, receipt: ReceiptTable): Promise<void> {
  await tx.insertInto('receipt').values(receipt).execute()
}

export function verdictOf(row: Pick<ReceiptTable, 'id' | 'outcome' | 'code' | 'message' | 'hint'>): Verdict {
  return {
    id: row.id,
    outcome: row.outcome,
    ...(row.code !== null && { code: row.code }),
    ...(row.message !== null && { message: row.message }),
    ...(row.hint !== null && { hint: row.hint }),
  }
}
