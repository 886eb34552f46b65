/** Brings a document to its rows' content: its fields, and the items of its lists, touching only the differences. */
import { isDeepStrictEqual } from 'node:util'
import type * as Y from 'yjs'
import { assertWithin, LIST_ITEMS } from '@rejoin/shared/budgets.ts'
import type { Texts } from './salvage.ts'
import { LISTS, rootsOf, type ListName } from '@rejoin/shared/sync/document.ts'

/** The content that a document must show: the value of each field, and the items of each list by their `id`. */
export interface Projection {
  readonly fields: Readonly<Record<string, unknown>>
  readonly lists: Readonly<Record<ListName, readonly { readonly id: string }[]>>
  /** The texts as the rows mirror them. */
  readonly texts: Texts
  /** The keys under which devices may carry the document. */
  readonly audience: readonly string[]
}

/** Throws `Refusal('too-large')` if the projection makes a list longer than a list may be. */
export function assertListsFit(doc: Y.Doc, { lists }: Projection): void {
  const roots = rootsOf(doc)
  for (const name of LISTS) {
    // Without items to show, nothing is added.
    if (lists[name].length === 0) continue
    const known = placesOf(roots[name])
    const size = roots[name].length + lists[name].filter(({ id }) => !known.has(id)).length
    if (size === roots[name].length) continue
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
export function project(doc: Y.Doc, { fields, lists }: Projection, extent: 'part' | 'all' = 'all'): void {
  const roots = rootsOf(doc)
  doc.transact(() => {
    for (const [name, value] of Object.entries(fields)) {
      if (!sameJson(roots.fields.get(name), value)) roots.fields.set(name, value)
    }
    for (const name of roots.fields.keys()) if (!Object.hasOwn(fields, name)) roots.fields.delete(name)
    for (const name of LISTS) {
      if (extent === 'all') removeOthers(roots[name], lists[name])
      if (lists[name].length > 0) putItems(roots[name], lists[name])
    }
  })
}

interface Item {
  readonly id: string
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
