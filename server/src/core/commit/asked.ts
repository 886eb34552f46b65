/**
 * The name and input of a command as one text that is the same for every way to send the same: JSON with its keys in
 * order and bytes as base64. Receipts keep its mark (`Secrets.mark`), so that an id that comes again with another input
 * is noticed. The mark is keyed, since an input may hold a password: from a copy of the database nobody can test
 * passwords against it.
 */
import { bytesAsBase64 } from '@rejoin/shared/sync/encoding.ts'

/** Deeper than any schema reads. */
const MAX_DEPTH = 50

export interface Asked {
  readonly name: string
  readonly input?: unknown
}

export function textOf({ name, input }: Asked): string {
  return JSON.stringify([name, ordered(input, 0)], bytesAsBase64)
}

function ordered(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (depth === MAX_DEPTH) return null
  if (Array.isArray(value)) return value.map((each) => ordered(each, depth + 1))
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([one], [other]) => (one < other ? -1 : 1))
  // As pairs: an object would put numeric keys first, and would mistake `__proto__`.
  return { pairs: members.map(([key, member]) => [key, ordered(member, depth + 1)]) }
}
