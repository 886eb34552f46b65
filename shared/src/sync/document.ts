/** The shape of a ticket's Y.Doc, and its value. Writing it is the server's alone, except for the texts. */
import type * as Y from 'yjs'

/** Root types by name. `fields` maps a field's name to its JSON value; lists hold JSON objects with an `id`. */
export const FIELDS = 'fields'
export const LISTS = ['comments', 'work'] as const
export const TEXTS = ['description', 'notes'] as const
export type TextName = (typeof TEXTS)[number]
export type ListName = (typeof LISTS)[number]

/**
 * For `new Y.Doc`, of a document that is known by its ticket or by nothing. Yjs would draw a guid for it, which takes
 * 70 µs: twenty times as long as everything else about a new document.
 */
export const NO_GUID = { guid: '' }

/** The root types of `doc`, each defined with its kind, so that no update can define it differently. */
export function rootsOf(doc: Y.Doc) {
  return {
    fields: doc.getMap<unknown>(FIELDS),
    comments: doc.getArray<unknown>('comments'),
    work: doc.getArray<unknown>('work'),
    description: doc.getText('description'),
    notes: doc.getText('notes'),
  }
}

/** The document's value as plain JSON: what replicas are compared by. */
export function documentValue(doc: Y.Doc): Record<string, unknown> {
  const { fields, comments, work, description, notes } = rootsOf(doc)
  return {
    ...fields.toJSON(),
    description: description.toJSON(),
    notes: notes.toJSON(),
    comments: comments.toJSON() as unknown,
    work: work.toJSON() as unknown,
  }
}
