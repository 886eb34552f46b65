/** Brings a text to the wanted content, touching only the differences, so that concurrent typing survives. */
import type * as Y from 'yjs'

export function updateText(text: Y.Text, wanted: string): void {
  const current = text.toJSON()
  let start = 0
  while (start < current.length && start < wanted.length && current[start] === wanted[start]) start += 1
  let end = 0
  const room = Math.min(current.length, wanted.length) - start
  while (end < room && current[current.length - 1 - end] === wanted[wanted.length - 1 - end]) end += 1
  // A difference never begins or ends between the halves of a surrogate pair.
  if (start > 0 && isHighSurrogate(current[start - 1])) start -= 1
  if (end > 0 && isHighSurrogate(current[current.length - end - 1])) end -= 1
  text.delete(start, current.length - end - start)
  text.insert(start, wanted.slice(start, wanted.length - end))
}

function isHighSurrogate(char: string | undefined): boolean {
  return char !== undefined && char >= '\uD800' && char <= '\uDBFF'
}
