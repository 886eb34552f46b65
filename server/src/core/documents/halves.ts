/**
 * Halves of surrogate pairs. An editor can hold a single half; on its way it becomes U+FFFD, so its author sees another
 * character than everybody else. The server writes such a character anew, so that all copies are equal.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../command.ts'
import { writeFor } from './leases.ts'

export const REPLACEMENT = '\uFFFD'
const HALF = /\uFFFD/g
/** No person types this many at once; each costs entries of the document for ever. */
const MAX_SPANS = 1000

interface Span {
  readonly index: number
  readonly words: string
}

/** Whether a field value may hold half a pair in its author's copy. */
export function mayHoldHalf(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value).includes(REPLACEMENT)
}

/**
 * Rewrites possible halves of pairs among the items of these texts of which `isNew` is true. Throws
 * `Refusal('malformed-text')`.
 */
export function mendHalves(
  context: CommandContext,
  doc: Y.Doc,
  { texts, isNew }: { texts: readonly string[]; isNew: (id: Y.ID) => boolean },
): void {
  for (const name of texts) {
    const text = doc.getText(name)
    const spans = spansIn(text, isNew)
    if (spans.length === 0) continue
    if (spans.length > MAX_SPANS) {
      throw new Refusal(
        'malformed-text',
        'The text has too many halves of surrogate pairs.',
        'Insert whole characters.',
      )
    }
    writeFor(context, doc, () => {
      for (const { index, words } of spans) {
        text.delete(index, words.length)
        text.insert(index, words)
      }
    })
  }
}

/**
 * Each span reaches from the half to the end of its insertion: where Yjs cuts a text behind a half, it takes the next
 * character for the other half and spoils it.
 */
function spansIn(text: Y.Text, isNew: (id: Y.ID) => boolean): Span[] {
  const spans: Span[] = []
  let start = 0
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue
    const { content, id, length } = item
    if (content instanceof Y.ContentString) {
      const { str } = content
      const halves = [...str.matchAll(HALF)].map(({ index }) => index)
      const first = halves.find((index) => isNew({ client: id.client, clock: id.clock + index }))
      if (first !== undefined) spans.push({ index: start + first, words: str.slice(first) })
    }
    start += length
  }
  return spans
}
