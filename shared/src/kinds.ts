/** Every kind of documents. */
import type { DocumentKind, DocumentName } from './contract/kind.ts'
import { ticketKind } from './tickets/kind.ts'

const DOCUMENT_KINDS: readonly DocumentKind[] = [ticketKind]

interface Asked {
  readonly name: string
  /** It may be anything: the device may be of another version. */
  readonly input?: unknown
}

/** The document that a command is about; null where it names none. */
function documentOf({ name, input }: Asked): DocumentName | null {
  if (typeof input !== 'object' || input === null) return null
  const own = DOCUMENT_KINDS.filter(({ commands }) => Object.hasOwn(commands, name))
  // A command that this version does not know is about the document that its input names.
  for (const { name: kind, idField } of own.length > 0 ? own : DOCUMENT_KINDS) {
    const id: unknown = Object.hasOwn(input, idField) ? Reflect.get(input, idField) : undefined
    if (typeof id === 'string') return { kind, id }
  }
  return null
}

/** The id of the document that a command is about; null where it names none. */
export function documentIdOf(command: Asked): string | null {
  return documentOf(command)?.id ?? null
}
