/**
 * Documents as they are sent to editors that open them: many do at the same moment, after a restart all of them. A
 * result is kept for the next editor for as long as the document stays unchanged.
 */
import * as Y from 'yjs'
import { DamagedDocument, soundParts } from '../../core/documents/parts.ts'
import { versionOf } from '../../core/documents/state.ts'
import { soundState, type Healing } from '../../core/maintenance/heal.ts'
import { lru } from '../../core/runtime/lru.ts'

export interface Whole {
  readonly version: string
  readonly state: Uint8Array
  readonly stateVector: Uint8Array
  /** The client ids that have written in it. */
  readonly clients: ReadonlySet<number>
}

/** Each has two megabytes at most. */
const MAX_KEPT = 16

export class WholeDocuments {
  readonly #kept = lru<string, Whole>(MAX_KEPT)

  /** Null for a document that can neither be read nor rebuilt. */
  async find(app: Healing, documentId: string): Promise<Whole | null> {
    const known = this.#kept.get(documentId)
    if (known?.version === versionOf(app.read, documentId) && isSound(app, documentId)) return known
    const state = await soundState(app, documentId)
    if (state === null) return null
    const stateVector = Y.encodeStateVectorFromUpdate(state)
    const clients = new Set(Y.decodeStateVector(stateVector).keys())
    const whole = { version: versionOf(app.read, documentId), state, stateVector, clients }
    this.#kept.set(documentId, whole)
    return whole
  }
}

/** A document damaged since is rebuilt before anybody opens it: editors would otherwise have the former generation. */
function isSound({ read }: Healing, documentId: string): boolean {
  try {
    return soundParts(read, documentId).parts.length > 0
  } catch (error) {
    if (error instanceof DamagedDocument) return false
    throw error
  }
}
