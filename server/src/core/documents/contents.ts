/**
 * Limits on the content of an update: the kinds of content, and the number of parts. They are checked before the update
 * is merged anywhere, from the update alone.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import { MAX_DELETED_RANGES, MAX_PARTS, sizesOf } from '@rejoin/shared/sync/updates.ts'

const TEXT_CONTENT = [Y.ContentString, Y.ContentFormat, Y.ContentDeleted]
const FIELD_CONTENT = [Y.ContentAny, Y.ContentJSON, Y.ContentDeleted]

const EMPTY_UPDATE_BYTES = 2
const MAX_UPDATE_BYTES = 1024 * 1024
/** How deep the value of a field may nest. */
const MAX_DEPTH = 8

type Structs = ReturnType<typeof Y.decodeUpdate>['structs']
type DeleteSet = ReturnType<typeof Y.decodeUpdate>['ds']

/** Reads an update that touches only `roots`. Throws `Refusal` `malformed-text` or `too-large`. */
export function readContents(update: Uint8Array, roots: readonly string[]): { structs: Structs } {
  if (update.length > MAX_UPDATE_BYTES)
    throw tooLarge(`It has ${update.length} bytes; the limit is ${MAX_UPDATE_BYTES}.`)
  const decoded = readUpdate(() => Y.decodeUpdate(update))
  const { structs, ds } = decoded
  // An update of the second format reads as an empty one followed by further bytes.
  if (structs.length === 0 && ds.clients.size === 0 && update.length > EMPTY_UPDATE_BYTES) throw notAnUpdate()
  assertSizes(sizesOf(decoded))
  const allowed = roots.includes('fields') ? [...TEXT_CONTENT, ...FIELD_CONTENT] : TEXT_CONTENT
  for (const struct of structs) assertContent(struct, allowed)
  assertDeleted(ds)
  return { structs }
}

function assertSizes({ parts, ranges }: ReturnType<typeof sizesOf>): void {
  if (parts > MAX_PARTS) throw tooLarge(`It has ${parts} parts; the limit is ${MAX_PARTS}.`)
  if (ranges > MAX_DELETED_RANGES) {
    throw tooLarge(`It deletes ${ranges} ranges; the limit is ${MAX_DELETED_RANGES}.`)
  }
}

function assertContent(
  struct: Structs[number],
  allowed: readonly (abstract new (...values: never[]) => unknown)[],
): void {
  // The remains of a nested type: there are none here, and it would be merged without touching any root.
  if (struct instanceof Y.GC) throw malformed('The update contains deleted types, which are not allowed here.')
  if (!(struct instanceof Y.Item)) return
  const { content } = struct
  if (!allowed.some((kind) => content instanceof kind)) {
    throw malformed(`The update contains ${content.constructor.name}, which is not allowed here.`)
  }
  if (!valuesOf(content).every((value) => isPlain(value, MAX_DEPTH))) {
    throw malformed(
      'The update contains half of a surrogate pair, or a value that is not JSON.',
      'Insert whole characters.',
    )
  }
}

/** Overlapping ranges would each be walked through as a whole. Yjs writes none. */
function assertDeleted({ clients }: DeleteSet): void {
  for (const ranges of clients.values()) {
    const inOrder = ranges.toSorted((one, other) => one.clock - other.clock)
    for (const [index, { clock }] of inOrder.entries()) {
      const before = inOrder[index - 1]
      if (before !== undefined && before.clock + before.len > clock) {
        throw malformed('The update deletes the same range twice.')
      }
    }
  }
}

function valuesOf(content: Y.Item['content']): unknown[] {
  if (content instanceof Y.ContentString) return [content.str]
  if (content instanceof Y.ContentFormat) return [content.key, content.value]
  return content instanceof Y.ContentDeleted ? [] : content.getContent()
}

/** Whether the value is well-formed JSON, no deeper than `depth`. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return true
  if (typeof value !== 'object' || value instanceof Uint8Array || depth === 0) return false
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isPlain(each, depth - 1))
}

/** Yjs throws arbitrary errors for bytes that are no update. */
export function readUpdate<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw notAnUpdate()
  }
}

function notAnUpdate(): Refusal {
  return malformed('The update is not a Yjs update (v1).')
}

export function malformed(message: string, hint?: string): Refusal {
  return new Refusal('malformed-text', message, hint)
}

export function tooLarge(message: string): Refusal {
  return new Refusal('too-large', `The update is too large. ${message}`, 'Send it in smaller parts.')
}
