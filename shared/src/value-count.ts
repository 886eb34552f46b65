/** Counts the values in external input, no further than a limit: before it is parsed, or after. */
import { Tokenizer } from 'cborg'
import { FRAME_VALUES } from './budgets.ts'
import { Refusal } from './errors.ts'

const codeOf = (sign: string) => sign.charCodeAt(0)
const [QUOTE, BACKSLASH] = [codeOf('"'), codeOf('\\')]
/** The characters that each begin another value. */
const PARTS = new Set([',', ':', '[', '{'].map(codeOf))

/** Throws `Refusal('too-large')` where a JSON text has more than `max` values and keys. */
export function assertFewInJson(text: string, max: number): void {
  let [count, isQuoted] = [0, false]
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) isQuoted = !isQuoted
    else if (isQuoted) at += unit === BACKSLASH ? 1 : 0
    else if (PARTS.has(unit)) {
      count += 1
      if (count > max) throw tooMany(max)
    }
  }
}

/**
 * Reads CBOR as the library does, and throws `Refusal('too-large')` after `FRAME_VALUES` values and keys, and
 * `Refusal('malformed-frame')` for a text that is not UTF-8, in which the library would replace the invalid bytes.
 */
export class FewTokens extends Tokenizer {
  #left = FRAME_VALUES

  override next(): ReturnType<Tokenizer['next']> {
    this.#left -= 1
    if (this.#left < 0) throw tooMany(FRAME_VALUES)
    const start = this.pos()
    const token = super.next()
    if (typeof token.value === 'string' && token.value.includes('\uFFFD')) {
      const head = HEAD_BYTES[(this.data[start] ?? 0) & 31] ?? 1
      assertUtf8(this.data.subarray(start + head, this.pos()))
    }
    return token
  }
}

/** The size of a text's head by the low five bits of its first byte (RFC 8949, 3): one byte, or its length as well. */
const HEAD_BYTES: Readonly<Record<number, number>> = { 24: 2, 25: 3, 26: 5, 27: 9 }

function assertUtf8(bytes: Uint8Array): void {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Refusal('malformed-frame', 'A text in the frame is not UTF-8.', 'CBOR requires UTF-8 texts.')
  }
}

function tooMany(max: number): Refusal {
  return new Refusal('too-large', `The limit is ${max} values at once.`, 'Send the work in smaller parts.')
}

/** Whether `value` holds at most `max` values, itself among them. */
export function hasFewValues(value: unknown, max: number): boolean {
  return left(value, max) >= 0
}

function left(value: unknown, max: number): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return max - 1
  let rest = max - 1
  for (const member of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
    if (rest < 0) break
    rest = left(member, rest)
  }
  return rest
}
