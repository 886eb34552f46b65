/**
 * Lists page by page. A list is in an order that ends with something unique; a page is asked for by the last item of the
 * page before (`after: page.at(-1)`), of which the fields of that order count. A page with fewer items than `limit` is the
 * last. Since the place is in values and not in a number of rows, nothing is left out when rows come or go meanwhile.
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

/** Of the versions of something, which are numbered. */
export const versionPage = pageBy({ number: z.int() })

/** Whether a row comes after the item, where the list is ordered by these expressions, all one way. */
export function isBeyond(order: 'asc' | 'desc', by: readonly (readonly [RawBuilder<unknown>, unknown])[]) {
  const fields = sql.join(by.map(([field]) => field))
  const values = sql.join(by.map(([, value]) => value))
  return order === 'asc' ? sql<boolean>`(${fields}) > (${values})` : sql<boolean>`(${fields}) < (${values})`
}
