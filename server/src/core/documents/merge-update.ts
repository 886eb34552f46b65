/**
 * Merging Yjs updates that somebody else wrote. A Yjs update cannot be refused once it is merged, so everything is
 * checked on a copy first: shape, roots, authors, dependencies. What fails the check leaves the document untouched.
 */
import * as Y from 'yjs'
import { NO_GUID, rootsOf, TEXTS } from '@rejoin/shared/document.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../commit/command.ts'
import { assertNoContradiction } from './contradiction.ts'
import { mendHalves } from './halves.ts'
import { leaseClient } from './leases.ts'

const TEXT_CONTENT = [Y.ContentString, Y.ContentFormat, Y.ContentDeleted]
const FIELD_CONTENT = [Y.ContentAny, Y.ContentJSON, Y.ContentDeleted]

const EMPTY_UPDATE_BYTES = 2
const MAX_UPDATE_BYTES = 1024 * 1024
/** Each client id that is new costs a row; an editor has one, and a device one for each of its incarnations. */
const MAX_NEW_CLIENTS = 100
/** How deep the value of a field may nest. */
const MAX_DEPTH = 8

/** What an update does to a document. */
export interface Merged {
  /** The names of the root types that it touches. */
  readonly roots: ReadonlySet<string>
  /** The keys of `fields` that it touches, each with the value that its author wrote; undefined where none is left. */
  readonly fields: ReadonlyMap<string, unknown>
}

/**
 * Merges `update` into `doc` if it touches only `roots`, and returns what it did. Throws `Refusal`:
 * `too-large`, `malformed-text`, `missing-dependencies`, `forbidden` (another root) or `forged-author`.
 */
export function mergeUpdate(
  context: CommandContext,
  doc: Y.Doc,
  update: Uint8Array,
  { roots }: { roots: readonly string[] },
): Merged {
  if (update.length > MAX_UPDATE_BYTES) throw tooLarge(`It takes more than ${MAX_UPDATE_BYTES} bytes.`)
  assertContents(update, roots)
  assertNoContradiction(doc, update)
  const { merged, clientIds, isNew } = tryOn(doc, update)
  if (clientIds.length > MAX_NEW_CLIENTS) throw tooLarge(`It writes under ${clientIds.length} new client ids.`)
  for (const name of merged.roots) {
    if (roots.includes(name)) continue
    throw new Refusal(
      'forbidden',
      `The update changes "${name}", which only the server writes.`,
      'Send a command instead.',
    )
  }
  for (const clientId of clientIds) leaseClient(context, clientId)
  Y.applyUpdate(doc, update)
  mendHalves(context, doc, isNew)
  return merged
}

function assertContents(update: Uint8Array, roots: readonly string[]): void {
  const allowed = roots.includes('fields') ? [...TEXT_CONTENT, ...FIELD_CONTENT] : TEXT_CONTENT
  const { structs, ds } = readUpdate(() => Y.decodeUpdate(update))
  // An update of the second format reads as an empty one with something after it.
  if (structs.length === 0 && ds.clients.size === 0 && update.length > EMPTY_UPDATE_BYTES) throw notAnUpdate()
  for (const struct of structs) {
    // What is left of a nested type: there are none here, and it would be merged without touching any root.
    if (struct instanceof Y.GC) throw malformed('The update holds deleted types, which have no place here.')
    if (!(struct instanceof Y.Item)) continue
    const { content } = struct
    if (!allowed.some((kind) => content instanceof kind)) {
      throw malformed(`The update holds ${content.constructor.name}, which has no place here.`)
    }
    if (!valuesOf(content).every((value) => isPlain(value, MAX_DEPTH))) {
      throw malformed('The update holds half of a surrogate pair, or what is no JSON.', 'Insert whole characters.')
    }
  }
}

function valuesOf(content: Y.Item['content']): unknown[] {
  if (content instanceof Y.ContentString) return [content.str]
  if (content instanceof Y.ContentFormat) return [content.key, content.value]
  return content instanceof Y.ContentDeleted ? [] : content.getContent()
}

/** Whether the value is JSON, well-formed, and no deeper than `depth`. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return true
  if (typeof value !== 'object' || value instanceof Uint8Array || depth === 0) return false
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isPlain(each, depth - 1))
}

/** Yjs throws what it likes at bytes that are no update. */
function readUpdate<Result>(read: () => Result): Result {
  try {
    return read()
  } catch {
    throw notAnUpdate()
  }
}

function notAnUpdate(): Refusal {
  return malformed('The update is not a Yjs update (v1).')
}

function malformed(message: string, hint?: string): Refusal {
  return new Refusal('malformed-text', message, hint)
}

function tooLarge(message: string): Refusal {
  return new Refusal('too-large', `The update is too large. ${message}`, 'Send it in smaller parts.')
}

function tryOn(doc: Y.Doc, update: Uint8Array): { merged: Merged; clientIds: number[]; isNew: (id: Y.ID) => boolean } {
  // Without garbage collection a value can be read even where a concurrent one won over it.
  const copy = new Y.Doc({ ...NO_GUID, gc: false })
  const { fields } = rootsOf(copy)
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const nameOf = new Map<unknown, string>([...copy.share].map(([name, type]) => [type, name]))
  const before = Y.decodeStateVector(Y.encodeStateVector(copy))
  const roots = new Set<string>()
  const keys = new Set<string>()
  copy.on('afterTransaction', ({ changed }: Y.Transaction) => {
    for (const [type, subs] of changed) {
      const areFields = type === (fields as unknown)
      // The fields have keys and nothing else, the texts have none: what is out of its place nobody would ever see.
      const isInPlace = [...subs].every((sub) => (sub !== null) === areFields)
      roots.add((isInPlace ? nameOf.get(type) : undefined) ?? 'something unknown')
      if (areFields) for (const sub of subs) if (sub !== null) keys.add(sub)
    }
  })
  readUpdate(() => Y.applyUpdate(copy, update))
  if (copy.store.pendingStructs !== null || copy.store.pendingDs !== null) {
    throw new Refusal(
      'missing-dependencies',
      'The update builds on changes that the server does not have.',
      'Take the document from the server again and repeat the change.',
    )
  }
  for (const name of TEXTS) {
    const text = copy.getText(name)
    if (text.length !== text.toJSON().length)
      throw malformed(`The update puts something else than text into "${name}".`)
  }
  const isNew = ({ client, clock }: Y.ID) => clock >= (before.get(client) ?? 0)
  const values = valuesWritten(copy, isNew)
  const after = Y.decodeStateVector(Y.encodeStateVector(copy))
  const clientIds = [...after].filter(([id, clock]) => clock > (before.get(id) ?? 0)).map(([id]) => id)
  return { merged: { roots, fields: new Map([...keys].map((key) => [key, values.get(key)])) }, clientIds, isNew }
}

/** The last value that each author wrote under a key of `fields`. Yjs may have given another one the place. */
function valuesWritten(copy: Y.Doc, isNew: (id: Y.ID) => boolean): Map<string, unknown> {
  const { fields } = rootsOf(copy)
  const values = new Map<string, unknown>()
  for (const struct of [...copy.store.clients.values()].flat()) {
    if (!(struct instanceof Y.Item) || !isNew(struct.id) || struct.parentSub === null) continue
    if (struct.parent === (fields as unknown)) values.set(struct.parentSub, struct.content.getContent().at(-1))
  }
  return values
}
