/** Pages of lists by age, of which the reader may see some rows and others not. */
import { sql } from 'kysely'
import { z } from 'zod'
import { isBeyond, MAX_PAGE, pageBy } from '../../core/input/paging.ts'

export const ByAge = pageBy({ createdAt: z.number(), id: z.string() }).prefault({})
export type ByAge = z.output<typeof ByAge>

/** Whether a row comes after the item in a list by age. */
export function isYounger({ createdAt, id }: NonNullable<ByAge['after']>) {
  return isBeyond('asc', [
    [sql.ref('createdAt'), createdAt],
    [sql.ref('id'), id],
  ])
}

/** A page of those rows that `show` does not leave out: as many rows are read as that takes. */
export async function filledPage<Row extends { createdAt: number; id: string }, Item>(
  { limit, after }: ByAge,
  readRows: (chunk: ByAge) => Promise<Row[]>,
  show: (row: Row) => Promise<Item | null>,
): Promise<Item[]> {
  const items: Item[] = []
  let last = after
  for (;;) {
    const rows = await readRows({ limit: MAX_PAGE, after: last })
    for (const row of rows) {
      const item = await show(row)
      if (item !== null) items.push(item)
      if (items.length === limit) return items
    }
    if (rows.length < MAX_PAGE) return items
    last = rows.at(-1)
  }
}
