/** The shape of a document's Y.Doc, and its value. Writing it is the server's alone, except for the texts. */
import type * as Y from 'yjs'
import type { DocumentShape } from '../contract/kind.ts'

/** Maps a field's name to its JSON value. */
export const FIELDS = 'fields'

/**
 * For `new Y.Doc`, of a document that is known by its id or by nothing. Yjs would draw a guid for it, which takes
 * 70 µs: twenty times as long as everything else about a new document.
 */
export const NO_GUID = { guid: '' }

export interface Roots {
  readonly fields: Y.Map<unknown>
  readonly texts: ReadonlyMap<string, Y.Text>
  readonly lists: ReadonlyMap<string, Y.Array<unknown>>
}

/** The root types of `doc`, each defined with its type, so that no update can define it differently. */
export function rootsOf(doc: Y.Doc, { texts, lists }: DocumentShape): Roots {
  return {
    fields: doc.getMap<unknown>(FIELDS),
    texts: new Map(texts.map((name) => [name, doc.getText(name)])),
    lists: new Map(lists.map((name) => [name, doc.getArray<unknown>(name)])),
  }
}

/** The document's value as plain JSON: what replicas are compared by. */
export function documentValue(doc: Y.Doc, shape: DocumentShape): Record<string, unknown> {
  const { fields, texts, lists } = rootsOf(doc, shape)
  const value: Record<string, unknown> = fields.toJSON()
  for (const [name, text] of texts) value[name] = text.toJSON()
  for (const [name, list] of lists) value[name] = list.toJSON() as unknown
  return value
}
