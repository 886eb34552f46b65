/**
 * Who may insert under which Yjs client id. Everything in a document stands under a client id and a clock, and an id is
 * leased to whoever first inserts under it, for good. What the server inserts in somebody's name stands under its own
 * id; its span of clocks says whose it is.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../command.ts'
import { insertRow, prepared } from '../storage/prepared.ts'

type Author = Pick<CommandContext, 'tx' | 'actor' | 'deviceId' | 'now'>

/** Leases a Yjs client id, or finds that it is leased. Throws `Refusal('forged-author')` when it is somebody else's. */
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

/** Notes what `write` leads the server to write into the texts as the author's. */
export function noteSpan({ tx, actor, deviceId }: Author, doc: Y.Doc, write: () => void): void {
  const { guid: documentId, clientID: clientId, store } = doc
  const clock = Y.getState(store, clientId)
  write()
  const length = Y.getState(store, clientId) - clock
  if (length === 0) return
  insertRow(tx, 'textSpan', { documentId, clientId, clock, length, authorId: actor.id, deviceId })
}
