/** A text box over a `Y.Text`, live in both directions. Each side takes only what differs, so cursors stay in place. */
import type * as Y from 'yjs'

export interface TextBox {
  /** Shows `text` from now on, or nothing. */
  bind(text: Y.Text | null): void
}

interface Difference {
  readonly from: number
  /** The end of what goes, in the text before. */
  readonly to: number
  readonly insert: string
}

export function bindTextBox(box: HTMLTextAreaElement): TextBox {
  let bound: Y.Text | null = null

  const showText = () => {
    const { from, to, insert } = difference(box.value, bound?.toJSON() ?? '')
    if (from !== to || insert !== '') box.setRangeText(insert, from, to, 'preserve')
  }
  box.addEventListener('input', () => {
    const text = bound
    if (text === null) return
    const { from, to, insert } = difference(text.toJSON(), box.value)
    text.doc?.transact(() => {
      text.delete(from, to - from)
      text.insert(from, insert)
    })
  })

  return {
    bind(text) {
      if (text === bound) return
      bound?.unobserve(showText)
      bound = text
      bound?.observe(showText)
      box.disabled = text === null
      showText()
    },
  }
}

/** What turns `before` into `after`, without cutting a character of two code units in half. */
function difference(before: string, after: string): Difference {
  let from = 0
  while (from < Math.min(before.length, after.length) && before[from] === after[from]) from += 1
  if (isHighSurrogate(before, from - 1)) from -= 1
  let [to, end] = [before.length, after.length]
  while (to > from && end > from && before[to - 1] === after[end - 1]) [to, end] = [to - 1, end - 1]
  if (isLowSurrogate(before, to)) [to, end] = [to + 1, end + 1]
  return { from, to, insert: after.slice(from, end) }
}

function isHighSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800
}

function isLowSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xdc00
}
