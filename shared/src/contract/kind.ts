/** A kind of documents, as every program that carries them knows it: declared once, beside the commands of its noun. */
import type { z } from 'zod'
import type { Action, Actor } from '../access/access.ts'
import type { DeviceCommand } from './on-device.ts'

/** The root types of the documents of one kind: beside `fields`, these lists and texts. */
export interface DocumentShape<Text extends string = string, List extends string = string> {
  /** Texts that people type in at the same time. */
  readonly texts: readonly Text[]
  /** Lists of JSON objects with an `id`. */
  readonly lists: readonly List[]
}

export interface DocumentKind<View extends object = object> extends DocumentShape {
  readonly name: string
  /** The value of a document. */
  readonly view: z.ZodType<View>
  /** The commands about a document, by their name on the wire. */
  readonly commands: Readonly<Record<string, DeviceCommand>>
  /** The field in the input of these commands that names the document. */
  readonly idField: string
  /** Whether a device that holds the document may show what `actor` does to it. */
  may(actor: Actor, action: Action, view: View): boolean
}

/** What a document is called in every workspace. */
export interface DocumentName {
  readonly kind: string
  readonly id: string
}
