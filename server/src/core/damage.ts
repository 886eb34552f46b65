/**
 * What was found damaged on the disk since the start: in the log at once, counted, and in `/readyz`. It mends nothing.
 */
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** Of those that were found; the log has all. */
const MAX_TOLD = 20

interface Ports {
  readonly log: Log
  readonly metrics: Pick<Metrics, 'damages'>
  /** By which people know the document. */
  nameOf(documentId: string): string
}

export class Damage {
  readonly #ports: Ports
  readonly #told = new Set<string>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** A document that could not be read: rebuilt from its rows, or these are damaged as well. */
  found(documentId: string, { message, isRebuilt }: { message: string; isRebuilt: boolean }): void {
    const document = this.#ports.nameOf(documentId)
    const says = isRebuilt ? 'was damaged and is rebuilt from its rows' : 'is damaged and cannot be rebuilt'
    this.#tell('document', `The document of ${document} ${says}.`, { document, documentId, why: message })
  }

  /** A row that was passed over, or taken as if it were empty. */
  passedOver(what: string, error: unknown): void {
    this.#tell('row', what, { err: error })
  }

  /** Pages of the file that SQLite cannot read. */
  ofPages(error: Error): void {
    this.#tell('pages', `The database file is damaged: ${error.message}.`, { err: error })
  }

  /** Each in a sentence, the first ones first. */
  get told(): readonly string[] {
    return [...this.#told]
  }

  #tell(kind: 'document' | 'row' | 'pages', sentence: string, details: Readonly<Record<string, unknown>>): void {
    this.#ports.metrics.damages.inc({ kind })
    this.#ports.log.error(details, `${sentence} "rejoin doctor" says what to do`)
    if (this.#told.size < MAX_TOLD) this.#told.add(sentence)
  }
}
