/**
 * Client ids and clocks that are already in use. Yjs assumes that they never repeat, and keeps its own content: if two
 * copies of a running device type under one id, one would lose its words and never learn of it.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import { REPLACEMENT } from './halves.ts'

/** Throws `Refusal('forged-author')` if one of `structs` has other words than `doc` at a clock that `doc` has. */
export function assertNoContradiction(doc: Y.Doc, structs: readonly (Y.Item | Y.GC | Y.Skip)[]): void {
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue
    for (const known of knownAt(doc, struct)) if (contradicts(known, struct, struct.content.str)) throw taken()
  }
}

/** The items of `doc` at the clocks of `struct`, in the order of the clocks. */
function* knownAt({ store }: Y.Doc, { id: { client, clock }, length }: Y.Item): Generator<Y.Item | Y.GC> {
  if (clock >= Y.getState(store, client)) return
  const known = store.clients.get(client) ?? []
  for (let index = Y.findIndexSS(known, clock); index < known.length; index += 1) {
    const item = known[index]
    if (item === undefined || item.id.clock >= clock + length) return
    yield item
  }
}

function contradicts(item: Y.Item | Y.GC, { id, length }: Y.Item, words: string): boolean {
  if (!(item instanceof Y.Item) || !(item.content instanceof Y.ContentString)) return false
  const from = Math.max(item.id.clock, id.clock)
  const to = Math.min(item.id.clock + item.length, id.clock + length)
  for (let clock = from; clock < to; clock += 1) {
    const [ours, theirs] = [item.content.str[clock - item.id.clock], words[clock - id.clock]]
    // Half of a split pair became a replacement on one side only.
    if (ours !== theirs && ours !== REPLACEMENT && theirs !== REPLACEMENT) return true
  }
  return false
}

function taken(): Refusal {
  return new Refusal(
    'forged-author',
    'The update contradicts an earlier one with the same client id and clock, as an update from a copied device would.',
    'Load the document from the server again and repeat the change.',
  )
}
