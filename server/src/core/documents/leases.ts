/**
 * Leases of Yjs client ids. Every insertion in a document has a client id and a clock, and an id is leased for good to
 * the person who first inserts under it. Insertions of the server in a person's name have its own id; a span of clocks
 * records the author.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../command.ts'
import { insertRow, prepared } from '../storage/prepared.ts'

type Author = Pick<CommandContext, 'tx' | 'actor' | 'deviceId' | 'now'>

/**
 * Leases a Yjs client id, or finds that it is leased. Throws `Refusal('forged-author')` if it belongs to another
 * person.
 */
export function leaseClient({ tx, actor, deviceId, now }: Author, clientId: number): void {
  const [lease] = leases(tx, { clientId })
  if (lease === undefined) insertRow(tx, 'textClient', { clientId, ownerId: actor.id, deviceId, leasedAt: now })
  else if (lease.ownerId !== actor.id) {
    throw new Refusal('forged-author', 'The update uses a client id that belongs to another person.')
  }
}

const leases = prepared<{ clientId: number }>()((read, param) =>
  read.selectFrom('textClient').select('ownerId').where('clientId', '=', param('clientId')),
)

/** Edits a document's texts in the author's name, under the server's client id. */
export function writeFor(author: Author, doc: Y.Doc, write: () => void): void {
  noteSpan(author, doc, () => doc.transact(write))
}

/** Records the author of the server's insertions during `write`. */
export function noteSpan({ tx, actor, deviceId }: Author, doc: Y.Doc, write: () => void): void {
  const { guid: documentId, clientID: clientId, store } = doc
  const clock = Y.getState(store, clientId)
  write()
  const length = Y.getState(store, clientId) - clock
  if (length === 0) return
  insertRow(tx, 'textSpan', { documentId, clientId, clock, length, authorId: actor.id, deviceId })
}
