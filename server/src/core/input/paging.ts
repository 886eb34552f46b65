/**
 * Lists page by page. The order of a list ends with a unique field; a page is requested by the last item of the page
 * before (`after: page.at(-1)`), of which only the fields of that order count. A page with fewer items than `limit` is
 * the last. The position consists of values and not of a number of rows, so nothing is skipped when rows come or go
 * meanwhile.
 */
import { sql, type RawBuilder } from 'kysely'
import { z } from 'zod'

export const MAX_PAGE = 200

/** `order`: the fields of an item by which the list is ordered. */
export function pageBy<Order extends z.ZodRawShape>(order: Order, max = MAX_PAGE) {
  return z.strictObject({
    limit: z.int().min(1).max(max).default(max),
    after: z.object(order).optional(),
  })
}

/** For the numbered versions of an item. */
export const versionPage = pageBy({ number: z.int() })

/** Whether a row comes after the item, in a list that is ordered by these expressions, all in one direction. */
export function isBeyond(order: 'asc' | 'desc', by: readonly (readonly [RawBuilder<unknown>, unknown])[]) {
  const fields = sql.join(by.map(([field]) => field))
  const values = sql.join(by.map(([, value]) => value))
  return order === 'asc' ? sql<boolean>`(${fields}) > (${values})` : sql<boolean>`(${fields}) < (${values})`
}
