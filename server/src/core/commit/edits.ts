/**
 * The documents that one command edits, and its updates to them. They are in memory and follow no savepoint, so a
 * rollback must also undo them here.
 */
import type * as Y from 'yjs'
import { applyUpdates, mergeUpdates } from '@rejoin/shared/sync/updates.ts'
import type { Tx } from '../storage/db.ts'
import type { Documents, Loading } from '../documents/documents.ts'
import { findFormer, mirror, storeFormer } from '../documents/generations.ts'

interface Edited {
  readonly doc: Y.Doc
  /** The generation before it, whose texts mirror the document's. */
  readonly former: Y.Doc | null
  readonly updates: Uint8Array[]
  stop(): void
}

/** How many updates each document had at one moment. */
type Mark = ReadonlyMap<string, number>

export class Edits {
  readonly #documents: Documents
  readonly #tx: Tx
  readonly #edited = new Map<string, Edited>()

  constructor(documents: Documents, tx: Tx) {
    this.#documents = documents
    this.#tx = tx
  }

  /** Returns the document and collects its updates from now on. Throws `DamagedDocument`. */
  open(documentId: string, how: Loading = {}): Y.Doc {
    const known = this.#edited.get(documentId)
    if (known !== undefined) return known.doc
    const doc = this.#documents.load(this.#tx, documentId, how)
    const updates: Uint8Array[] = []
    const collect = (update: Uint8Array) => void updates.push(update)
    doc.on('update', collect)
    const kind = this.#documents.kindOf(doc)
    const former = kind !== null && this.#documents.mayHaveFormer(doc) ? findFormer(this.#tx, documentId, kind) : null
    const unmirror = former === null || kind === null ? [] : [mirror(doc, former, kind), mirror(former, doc, kind)]
    const stop = () => {
      doc.off('update', collect)
      for (const end of unmirror) end()
    }
    this.#edited.set(documentId, { doc, former, updates, stop })
    return doc
  }

  /** The document's former generation, or null. Changes to its texts are mirrored into the document. */
  openFormer(documentId: string): Y.Doc | null {
    this.open(documentId)
    return this.#edited.get(documentId)?.former ?? null
  }

  get documents(): [documentId: string, Y.Doc][] {
    return [...this.#edited].map(([documentId, { doc }]) => [documentId, doc])
  }

  /** Stops collecting, and stores the former generation. Returns the updates as one, or null if there are none. */
  close(documentId: string): Uint8Array | null {
    const { updates = [], former = null, stop } = this.#edited.get(documentId) ?? {}
    stop?.()
    if (former !== null && updates.length > 0) {
      storeFormer(this.#tx, documentId, former)
    }
    const [first = null] = updates
    return updates.length > 1 ? mergeUpdates(updates) : first
  }

  mark(): Mark {
    return new Map([...this.#edited].map(([documentId, { updates }]) => [documentId, updates.length]))
  }

  /** Takes back every change since `mark`. */
  undoTo(mark: Mark): void {
    for (const [documentId, { doc: changed, updates, stop }] of Array.from(this.#edited)) {
      const kept = updates.slice(0, mark.get(documentId) ?? 0)
      if (kept.length === updates.length) continue
      stop()
      this.#documents.drop(documentId)
      this.#edited.delete(documentId)
      const doc = this.open(documentId, { isUnderWay: true, newKind: this.#documents.kindOf(changed)?.name })
      applyUpdates(doc, kept)
    }
  }

  /** Takes back every change. */
  discard(): void {
    for (const [documentId, { stop }] of this.#edited) {
      stop()
      this.#documents.drop(documentId)
    }
  }
}
