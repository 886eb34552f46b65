/**
 * The part of a stored document that can still be read. Its texts are made equal to the rows that mirror them: an edit
 * of salvaged text can be merged, and an edit of lost text stays in its author's inbox.
 */
import * as Y from 'yjs'
import { NO_GUID } from '@rejoin/shared/sync/document.ts'
import type { Read } from '../storage/db.ts'
import { updateText } from './update-text.ts'
import { DamagedDocument, formerState, storedParts } from './parts.ts'

/** By their names; a kind of document without texts has none. */
export type Texts = Readonly<Record<string, string>>

/** The document as far as it can be read, with these texts. */
export function salvage(read: Read, documentId: string, texts: Texts): Y.Doc {
  const { parts } = storedParts(read, documentId)
  const damagedAt = parts.findIndex(({ isSound }) => !isSound)
  const sound = damagedAt === -1 ? parts : parts.slice(0, damagedAt)
  const doc = docOf(sound.map(({ bytes }) => bytes)) ?? docOf(formerParts(read, documentId)) ?? emptyDoc()
  for (const [name, text] of Object.entries(texts)) updateText(doc.getText(name), text)
  return doc
}

/** Null if there is nothing, or Yjs cannot read it. */
function docOf(parts: readonly Uint8Array[]): Y.Doc | null {
  if (parts.length === 0) return null
  const doc = emptyDoc()
  try {
    for (const part of parts) Y.applyUpdate(doc, part)
  } catch {
    return null
  }
  // An item that refers to a lost one would wait for it for ever.
  doc.store.pendingStructs = null
  doc.store.pendingDs = null
  return doc
}

function emptyDoc(): Y.Doc {
  return new Y.Doc(NO_GUID)
}

function formerParts(read: Read, documentId: string): Uint8Array[] {
  try {
    const state = formerState(read, documentId)
    return state === null ? [] : [state]
  } catch (error) {
    if (error instanceof DamagedDocument) return []
    throw error
  }
}

/** Whether the texts of the document equal `texts`. */
export function reads(doc: Y.Doc, texts: Texts): boolean {
  return Object.entries(texts).every(([name, text]) => doc.getText(name).toJSON() === text)
}
