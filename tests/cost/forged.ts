/** Updates (v1) that no Yjs client writes, byte by byte: small, and a lot of work to merge unchecked. */
import { times } from './stage.ts'

/** The first byte of a part of a text: placed by its root, or by its right neighbour. */
const [TEXT, BEFORE] = [0x04, 0x44]
const X = [1, 'x'.charCodeAt(0)]
const NOTHING_DELETED = [0]
const [AUTHOR, FORGER] = [10, 5]

function varUint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varUint(Math.floor(value / 128))]
}

function textOf(words: string): number[] {
  return [...varUint(words.length), ...new TextEncoder().encode(words)]
}

/** One author types `n` characters at the start of the notes, one after the other. */
function typed(n: number): number[] {
  const first = [TEXT, 1, ...textOf('notes'), ...X]
  const rest = times(n - 1, (before) => [BEFORE, AUTHOR, ...varUint(before), ...X])
  return [...varUint(n), AUTHOR, 0, ...first, ...rest.flat()]
}

/** Each part claims to stand between the start of the text and one character further left than the part before it. */
export function farFromTheirPlace(n: number): Uint8Array {
  const parts = times(n, (index) => [BEFORE, AUTHOR, ...varUint(Math.floor(index / 2)), ...X])
  return Uint8Array.from([2, ...typed(n), ...varUint(n), FORGER, 0, ...parts.flat(), ...NOTHING_DELETED])
}

/** Each range deletes all of it. */
export function deletedAgain(n: number): Uint8Array {
  const ranges = times(n, () => [0, ...varUint(n)])
  return Uint8Array.from([1, ...typed(n), 1, AUTHOR, ...varUint(n), ...ranges.flat()])
}
