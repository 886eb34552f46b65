/**
 * Halves of surrogate pairs that were typed into a text: they cannot be sent, so the device itself writes U+FFFD in
 * their place, as every replica will show it.
 */
import * as Y from 'yjs'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'

export function mendHalves(doc: Y.Doc): void {
  for (const name of TICKET_SHAPE.texts) {
    const text = doc.getText(name)
    for (let span = findHalf(text); span !== null; span = findHalf(text)) replace(text, span)
  }
}

interface Span {
  readonly index: number
  readonly words: string
}

/**
 * The range from the first half to the end of the text inserted with it: where Yjs cuts a text behind a half, it takes
 * the next character for the other half and spoils it.
 */
function findHalf(text: Y.Text): Span | null {
  let start = 0
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue
    const { content } = item
    if (content instanceof Y.ContentString && !content.str.isWellFormed()) {
      const whole = content.str.toWellFormed()
      const first = Array.from({ length: whole.length }).findIndex((_, index) => content.str[index] !== whole[index])
      return { index: start + first, words: whole.slice(first) }
    }
    start += item.length
  }
  return null
}

function replace(text: Y.Text, { index, words }: Span): void {
  text.doc?.transact(() => {
    text.delete(index, words.length)
    text.insert(index, words)
  })
}
