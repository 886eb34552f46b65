/**
 * A limit on how far Yjs may search for the place of an insertion. Concurrent insertions at one place are ordered by
 * looking at everything that was inserted there meanwhile; an update that names a place far from the right one makes
 * Yjs walk through the whole document, for each of its parts.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'

/** Thousands of people who type at one place at the same time stay far below this. */
const MAX_LOOKED_AT = 200_000

/** How many items may still be looked at; null while nobody counts. */
let remaining: number | null = null

// oxlint-disable-next-line typescript/unbound-method -- it is called on the item below
const { integrate } = Y.Item.prototype

Y.Item.prototype.integrate = function (this: Y.Item, transaction: Y.Transaction, offset: number): void {
  if (remaining !== null) remaining = afterLooking(this, remaining)
  integrate.call(this, transaction, offset)
}

/** Runs `apply`, which applies updates. Throws `Refusal('too-large')` if Yjs would have to look at more items. */
export function placing<Result>(apply: () => Result): Result {
  remaining = MAX_LOOKED_AT
  try {
    return apply()
  } finally {
    remaining = null
  }
}

/** Walks like Yjs is about to walk, and takes each step from `room`. */
function afterLooking(item: Y.Item, room: number): number {
  const { left, right, parent, parentSub } = item
  if (!(parent instanceof Y.AbstractType)) return room
  let first = parent._start
  if (left !== null) first = left.right
  else if (parentSub !== null) {
    first = parent._map.get(parentSub) ?? null
    for (; first !== null && first.left !== null; first = first.left) room = oneLess(room)
  }
  const isBeside = left === null ? right !== null && right.left === null : left.right === right
  if (isBeside) return room
  for (let at = first; at !== null && at !== right; at = at.right) room = oneLess(room)
  return room
}

function oneLess(room: number): number {
  if (room > 0) return room - 1
  throw new Refusal(
    'too-large',
    `The update inserts beside too many insertions of others: to place it, more than ${MAX_LOOKED_AT} parts would have to be compared.`,
    'Load the document from the server again and repeat the change.',
  )
}
