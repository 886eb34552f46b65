/** Human numbers such as `TKT-0042`: gapless, because each is taken in the transaction that uses it. */
import type { Tx } from './db.ts'

export async function nextNumber(tx: Tx, counter: string, prefix: string): Promise<string> {
  const { value } = await tx
    .insertInto('counter')
    .values({ name: counter, value: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((row) => ({ value: row('counter.value', '+', 1) })))
    .returning('value')
    .executeTakeFirstOrThrow()
  return `${prefix}-${String(value).padStart(4, '0')}`
}
