/**
 * The kinds of documents that the machine keeps: what each is made of, and how it follows from rows. They are handed in:
 * the machine knows the name of none.
 */
import { sql } from 'kysely'
import type { DocumentShape } from '@rejoin/shared/contract/kind.ts'
import type { LeaveReason } from '@rejoin/shared/sync/wire.ts'
import type { Read } from '../storage/db.ts'
import { prepared } from '../storage/prepared.ts'
import type { Projection } from './project.ts'
import type { Texts } from './salvage.ts'

export interface StoredKind extends DocumentShape {
  readonly name: string
  /**
   * The content that a document must show, from its rows; null if its rows are gone. Its lists hold the items that were
   * added or changed at `since` or later.
   */
  project(read: Read, id: string, since: number): Projection | null
  /** The texts as the rows mirror them; null if the rows are gone. */
  textsOf(read: Read, id: string): Texts | null
  /** The ids of all rows that have a document. */
  ids(read: Read): Promise<string[]>
  /** Why it is in nobody's scope who has these `keys` and held it by `heldBy`, which are some of them. */
  whyLeft(
    read: Read,
    id: string,
    by: { readonly keys: readonly string[]; readonly heldBy: readonly string[] },
  ): LeaveReason
  /** When its row was made, epoch ms; null if its rows are gone. */
  createdAt(read: Read, id: string): number | null
  /** How long ago work on it may have been done to count from then, in ms. */
  maxBackdateMs(read: Read, id: string): number
  /** The name by which people know it; null if its rows are gone. */
  nameOf(read: Read, id: string): string | null
}

export class Kinds {
  readonly #kinds: ReadonlyMap<string, StoredKind>

  constructor(kinds: readonly StoredKind[]) {
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]))
  }

  named(name: string | undefined): StoredKind | null {
    return this.#kinds.get(name ?? '') ?? null
  }

  get all(): StoredKind[] {
    return [...this.#kinds.values()]
  }

  /** The kind of a document, which its audience or its row says, or else the rows that have its id; null where there are none. */
  of(read: Read, documentId: string): StoredKind | null {
    const row = kindOfCarried(read, { documentId })[0] ?? kindOfStored(read, { documentId })[0]
    if (row !== undefined) return this.#kinds.get(row.kind) ?? null
    return this.all.find((kind) => kind.nameOf(read, documentId) !== null) ?? null
  }

  /** What a document must show; null if its rows are gone. */
  projection(read: Read, documentId: string, since = 0): Projection | null {
    return this.of(read, documentId)?.project(read, documentId, since) ?? null
  }

  /** The name by which people know a document; its id if nobody knows it. */
  nameOf(read: Read, documentId: string): string {
    return this.of(read, documentId)?.nameOf(read, documentId) ?? documentId
  }
}

const kindOfCarried = prepared<{ documentId: string }>()((read, param) =>
  read.selectFrom('audience').select('kind').where('documentId', '=', param('documentId')).limit(sql.lit(1)),
)

/** In the row the kind comes after the state, through which SQLite has to go for it: only for what no device carries. */
const kindOfStored = prepared<{ documentId: string }>()((read, param) =>
  read.selectFrom('document').select('kind').where('id', '=', param('documentId')),
)
