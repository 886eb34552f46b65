/** Rebuilds a document that is damaged on the disk from its rows, so that its reader can continue with the result. */
import type { Commits } from '../commit/commit.ts'
import { healDocument, newGeneration } from '../commit/new-generation.ts'
import type { Kinds } from '../documents/kinds.ts'
import type { Damage } from '../storage/damage.ts'
import type { Read } from '../storage/db.ts'
import type { Pace } from '../runtime/pace.ts'
import { findState } from '../documents/state.ts'
import { DamagedDocument } from '../documents/parts.ts'
import { SYSTEM_ID } from '../ids.ts'

export interface Healing {
  readonly read: Read
  readonly commits: Commits
  readonly damage: Damage
  readonly kinds: Kinds
  /** A reader of many documents gives others a turn between them. */
  readonly pace: Pace
}

/** The committed state of a document; null if it can neither be read nor rebuilt. */
export async function soundState(app: Healing, documentId: string): Promise<Uint8Array | null> {
  const look = () => {
    const state = findState(app.read, documentId)
    if (state === null) throw new DamagedDocument(documentId, 'it is gone')
    return state
  }
  const state = await soundly(app, look)
  // A damaged document is rebuilt by now, or cannot be.
  return state ?? (await soundly(app, look))
}

/** The result of `look`; null if the document was damaged, and is now rebuilt as far as possible. */
async function soundly<Found>(app: Healing, look: () => Found): Promise<Found | null> {
  try {
    return look()
  } catch (error) {
    if (!(error instanceof DamagedDocument)) throw error
    await heal(app, error)
    return null
  }
}

/** Rebuilds the document, if its rows are sound. */
async function heal({ commits, damage }: Healing, error: DamagedDocument): Promise<void> {
  const done = await commits.commit(healDocument, newGeneration(error.id), { actorId: SYSTEM_ID })
  damage.found(error, { isRebuilt: done.output?.isSound === true })
}
