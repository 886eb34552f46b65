/** Brings a document to its rows' content: its fields, and the items of its lists, touching only the differences. */
import { isDeepStrictEqual } from 'node:util'
import type * as Y from 'yjs'
import { assertWithin, LIST_ITEMS } from '@rejoin/shared/budgets.ts'
import type { Texts } from './salvage.ts'
import { rootsOf } from '@rejoin/shared/sync/document.ts'
import type { DocumentShape } from '@rejoin/shared/contract/kind.ts'

interface Item {
  readonly id: string
}

/** The content that a document must show: the value of each field, and the items of each list by their `id`. */
export interface Projection {
  readonly fields: Readonly<Record<string, unknown>>
  readonly lists: Readonly<Record<string, readonly Item[]>>
  /** The texts as the rows mirror them. */
  readonly texts: Texts
  /** The keys under which devices may carry the document. */
  readonly audience: readonly string[]
}

/** The lists and texts that the projection names. */
export function shapeOf({ lists, texts }: Pick<Projection, 'lists' | 'texts'>): DocumentShape {
  return { lists: Object.keys(lists), texts: Object.keys(texts) }
}

/** Throws `Refusal('too-large')` if the projection makes a list longer than a list may be. */
export function assertListsFit(doc: Y.Doc, { lists }: Projection): void {
  for (const [name, items] of Object.entries(lists)) {
    // Without items to show, nothing is added.
    if (items.length === 0) continue
    const shown = doc.getArray(name)
    const known = placesOf(shown)
    const size = shown.length + items.filter(({ id }) => !known.has(id)).length
    if (size === shown.length) continue
    assertWithin(
      name,
      { size, max: LIST_ITEMS, unit: 'entries' },
      'Continue in a follow-up ticket that names this one.',
    )
  }
}

/**
 * Makes the document show the projection, touching only the differences. `part`: the lists hold only added or changed
 * items, and the other items stay.
 */
export function project(doc: Y.Doc, projection: Projection, extent: 'part' | 'all' = 'all'): void {
  const { fields, lists } = projection
  const roots = rootsOf(doc, shapeOf(projection))
  doc.transact(() => {
    for (const [name, value] of Object.entries(fields)) {
      if (!sameJson(roots.fields.get(name), value)) roots.fields.set(name, value)
    }
    for (const name of roots.fields.keys()) if (!Object.hasOwn(fields, name)) roots.fields.delete(name)
    for (const [name, list] of roots.lists) {
      const items = lists[name] ?? []
      if (extent === 'all') removeOthers(list, items)
      if (items.length > 0) putItems(list, items)
    }
  })
}

function putItems(list: Y.Array<unknown>, wanted: readonly Item[]): void {
  const places = placesOf(list)
  for (const item of wanted) {
    const index = places.get(item.id)
    if (index === undefined || sameJson(list.get(index), item)) continue
    list.delete(index)
    list.insert(index, [item])
  }
  const added = wanted.filter(({ id }) => !places.has(id))
  if (added.length > 0) list.push(added)
}

function removeOthers(list: Y.Array<unknown>, wanted: readonly Item[]): void {
  const ids = new Set(wanted.map(({ id }) => id))
  const gone = [...placesOf(list)].filter(([id]) => !ids.has(id)).map(([, index]) => index)
  for (const index of gone.toReversed()) list.delete(index)
}

function placesOf(list: Y.Array<unknown>): Map<string, number> {
  return new Map((list.toArray() as Item[]).map(({ id }, index) => [id, index]))
}

function sameJson(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === 'object' && isDeepStrictEqual(left, right))
}
