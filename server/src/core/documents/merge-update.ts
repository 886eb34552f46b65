/**
 * Merging Yjs updates from outside. A Yjs update cannot be refused once it is merged, so everything is checked on a
 * copy first: shape, roots, authors, dependencies. An update that fails the check leaves the document untouched.
 */
import * as Y from 'yjs'
import { FIELDS, NO_GUID } from '@rejoin/shared/sync/document.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import type { CommandContext } from '../command.ts'
import { malformed, readContents, readUpdate, tooLarge } from './contents.ts'
import { assertNoContradiction } from './contradiction.ts'
import { mendHalves } from './halves.ts'
import { leaseClient } from './leases.ts'
import { placing } from './placing.ts'

/** Each new client id costs a row; an editor has one, and a device one for each of its incarnations. */
const MAX_NEW_CLIENTS = 100
/** The parts of a document until it is rebuilt: every client that opens it goes through all of them. */
const MAX_DOCUMENT_PARTS = 50_000
const MAX_DOCUMENT_CLIENTS = 10_000

/** The effect of an update on a document. */
export interface Merged {
  /** The names of the root types that it touches. */
  readonly roots: ReadonlySet<string>
  /** The keys of `fields` that it touches, each with its author's value; undefined if none is left. */
  readonly fields: ReadonlyMap<string, unknown>
}

/**
 * Merges `update` into `doc` if it touches only `roots`, and returns its effect. Throws `Refusal`: `too-large`,
 * `malformed-text`, `missing-dependencies`, `forbidden` (another root) or `forged-author`.
 */
export function mergeUpdate(
  context: CommandContext,
  doc: Y.Doc,
  update: Uint8Array,
  { roots }: { roots: readonly string[] },
): Merged {
  const { structs } = readContents(update, roots)
  assertNoContradiction(doc, structs)
  const texts = roots.filter((name) => name !== FIELDS)
  const { merged, clientIds, isNew } = tryOn(doc, update, texts)
  if (clientIds.length > MAX_NEW_CLIENTS)
    throw tooLarge(`It uses ${clientIds.length} new client ids; the limit is ${MAX_NEW_CLIENTS}.`)
  for (const name of merged.roots) {
    if (roots.includes(name)) continue
    throw new Refusal(
      'forbidden',
      `The update changes "${name}", which only the server may write.`,
      'Send a command instead.',
    )
  }
  for (const clientId of clientIds) leaseClient(context, clientId)
  applyUpdates(doc, [update])
  mendHalves(context, doc, { texts, isNew })
  return merged
}

function tryOn(
  doc: Y.Doc,
  update: Uint8Array,
  texts: readonly string[],
): { merged: Merged; clientIds: number[]; isNew: (id: Y.ID) => boolean } {
  // Without garbage collection a value can be read even if a concurrent one won over it.
  const copy = new Y.Doc({ ...NO_GUID, gc: false })
  const fields = copy.getMap(FIELDS)
  for (const name of texts) copy.getText(name)
  applyUpdates(copy, [Y.encodeStateAsUpdate(doc)])
  const nameOf = new Map<unknown, string>([...copy.share].map(([name, type]) => [type, name]))
  const before = Y.decodeStateVector(Y.encodeStateVector(copy))
  const roots = new Set<string>()
  const keys = new Set<string>()
  copy.on('afterTransaction', ({ changed }: Y.Transaction) => {
    for (const [type, subs] of changed) {
      const areFields = type === (fields as unknown)
      // The fields have only keys, the texts have none: nobody would ever see an item that is out of its place.
      const isInPlace = [...subs].every((sub) => (sub !== null) === areFields)
      roots.add((isInPlace ? nameOf.get(type) : undefined) ?? 'something unknown')
      if (areFields) for (const sub of subs) if (sub !== null) keys.add(sub)
    }
  })
  readUpdate(() => placing(() => applyUpdates(copy, [update])))
  if (copy.store.pendingStructs !== null || copy.store.pendingDs !== null) {
    throw new Refusal(
      'missing-dependencies',
      'The update builds on changes that the server does not have.',
      'Load the document from the server again and repeat the change.',
    )
  }
  assertRoom(copy)
  for (const name of texts) {
    const text = copy.getText(name)
    if (text.length !== text.toJSON().length) throw malformed(`The update puts content other than text into "${name}".`)
  }
  const isNew = ({ client, clock }: Y.ID) => clock >= (before.get(client) ?? 0)
  const values = valuesWritten(copy, isNew)
  const after = Y.decodeStateVector(Y.encodeStateVector(copy))
  const clientIds = [...after].filter(([id, clock]) => clock > (before.get(id) ?? 0)).map(([id]) => id)
  return { merged: { roots, fields: new Map([...keys].map((key) => [key, values.get(key)])) }, clientIds, isNew }
}

function assertRoom({ store: { clients } }: Y.Doc): void {
  const parts = [...clients.values()].reduce((sum, structs) => sum + structs.length, 0)
  const isFull = parts > MAX_DOCUMENT_PARTS || clients.size > MAX_DOCUMENT_CLIENTS
  if (!isFull) return
  throw new Refusal(
    'too-large',
    `The document would have ${parts} parts by ${clients.size} clients; the limit is ${MAX_DOCUMENT_PARTS} parts by ${MAX_DOCUMENT_CLIENTS} clients.`,
    'Add comments, or continue in another ticket.',
  )
}

/** The last value of each author under a key of `fields`. Yjs may have chosen another author's value. */
function valuesWritten(copy: Y.Doc, isNew: (id: Y.ID) => boolean): Map<string, unknown> {
  const fields = copy.getMap(FIELDS)
  const values = new Map<string, unknown>()
  for (const struct of [...copy.store.clients.values()].flat()) {
    if (!(struct instanceof Y.Item) || !isNew(struct.id) || struct.parentSub === null) continue
    if (struct.parent === (fields as unknown)) values.set(struct.parentSub, struct.content.getContent().at(-1))
  }
  return values
}
