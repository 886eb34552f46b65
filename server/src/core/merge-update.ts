/**
 * Merging Yjs updates that somebody else wrote. A Yjs update cannot be refused once it is merged, so everything is
 * checked on a copy first: shape, roots, authors, dependencies. What fails the check leaves the document untouched.
 */
import * as Y from 'yjs'
import { rootsOf } from '@rejoin/shared/document.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from './command.ts'
import type { Tx } from './db.ts'

const TEXT_CONTENT = [Y.ContentString, Y.ContentFormat, Y.ContentDeleted]
const FIELD_CONTENT = [Y.ContentAny, Y.ContentJSON, Y.ContentDeleted]

/** A root type's name, and the keys or positions (null) under it that an update touches. */
type Touched = ReadonlyMap<string, ReadonlySet<string | null>>

/**
 * Merges `update` into `doc` if it touches only `roots`, and returns what it touched. Throws `Refusal`:
 * `malformed-text`, `missing-dependencies`, `forbidden` (another root) or `forged-author`.
 */
export async function mergeUpdate(
  context: CommandContext,
  doc: Y.Doc,
  update: Uint8Array,
  { roots }: { roots: readonly string[] },
): Promise<Touched> {
  assertContents(update, roots)
  const { touched, clientIds } = tryOn(doc, update)
  for (const name of touched.keys()) {
    if (roots.includes(name)) continue
    throw new Refusal(
      'forbidden',
      `The update changes "${name}", which only the server writes.`,
      'Send a command instead.',
    )
  }
  for (const clientId of clientIds) await claimClient(context.tx, clientId, context.actor.id)
  Y.applyUpdate(doc, update)
  return touched
}

/** Records who writes under a Yjs client id. Throws `Refusal('forged-author')` when it is somebody else's. */
export async function claimClient(tx: Tx, clientId: number, ownerId: string): Promise<void> {
  const claim = await tx.selectFrom('textClient').select('ownerId').where('clientId', '=', clientId).executeTakeFirst()
  if (claim === undefined) {
    await tx.insertInto('textClient').values({ clientId, ownerId }).execute()
  } else if (claim.ownerId !== ownerId) {
    throw new Refusal('forged-author', 'The update writes under a client id that belongs to somebody else.')
  }
}

function assertContents(update: Uint8Array, roots: readonly string[]): void {
  const allowed = roots.includes('fields') ? [...TEXT_CONTENT, ...FIELD_CONTENT] : TEXT_CONTENT
  for (const struct of decode(update).structs) {
    if (!(struct instanceof Y.Item)) continue
    const { content } = struct
    if (!allowed.some((kind) => content instanceof kind)) {
      throw new Refusal('malformed-text', `The update holds ${content.constructor.name}, which has no place here.`)
    }
    if (content instanceof Y.ContentString && !content.str.isWellFormed()) {
      throw new Refusal('malformed-text', 'The text holds half of a surrogate pair.', 'Insert whole characters.')
    }
  }
}

function decode(update: Uint8Array) {
  try {
    return Y.decodeUpdate(update)
  } catch {
    throw new Refusal('malformed-text', 'The update is not a Yjs update (v1).')
  }
}

function tryOn(doc: Y.Doc, update: Uint8Array): { touched: Touched; clientIds: number[] } {
  const copy = new Y.Doc()
  rootsOf(copy)
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const nameOf = new Map<unknown, string>([...copy.share].map(([name, type]) => [type, name]))
  const before = Y.decodeStateVector(Y.encodeStateVector(copy))
  const touched = new Map<string, Set<string | null>>()
  copy.on('afterTransaction', ({ changed }: Y.Transaction) => {
    for (const [type, keys] of changed) {
      const name = nameOf.get(type) ?? 'something unknown'
      touched.set(name, new Set([...(touched.get(name) ?? []), ...keys]))
    }
  })
  Y.applyUpdate(copy, update)
  if (copy.store.pendingStructs !== null || copy.store.pendingDs !== null) {
    throw new Refusal(
      'missing-dependencies',
      'The update builds on changes that the server does not have.',
      'Take the document from the server again and repeat the change.',
    )
  }
  const after = Y.decodeStateVector(Y.encodeStateVector(copy))
  const clientIds = [...after].filter(([id, clock]) => clock > (before.get(id) ?? 0)).map(([id]) => id)
  return { touched, clientIds }
}
