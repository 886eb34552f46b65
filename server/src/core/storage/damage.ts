/** Damage found on the disk since the start: logged at once, counted, and shown in `/readyz`. It repairs nothing. */
import type { Damaged } from './damaged.ts'
import type { Log } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'

/** The most findings that are shown; the log has all. */
const MAX_TOLD = 20

interface Ports {
  readonly log: Log
  readonly metrics: Pick<Metrics, 'damages'>
  /** The name by which people know the document. */
  nameOf(documentId: string): string
}

export class Damage {
  readonly #ports: Ports
  readonly #told = new Set<string>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** Reports derived data that could not be read: it was rebuilt from its rows, or these are damaged as well. */
  found({ what, id, message }: Damaged, { isRebuilt }: { isRebuilt: boolean }): void {
    const document = this.#ports.nameOf(id)
    const end = isRebuilt ? 'damaged; rebuilt from the rows' : 'damaged; cannot be rebuilt'
    const kind = what === 'document' ? 'document' : 'clocks'
    this.#tell(kind, `The ${what} of ${document}: ${end}.`, { document, documentId: id, why: message })
  }

  /** Reports a row that was skipped, or read as empty. */
  passedOver(what: string, error: unknown): void {
    const sentence = `${what}: damaged; skipped.`
    // Each later reader meets the same damage.
    if (!this.#told.has(sentence)) this.#tell('row', sentence, { err: error })
  }

  /** Pages of the file that SQLite cannot read. */
  ofPages(error: Error): void {
    if (!this.#told.has(`The database file is damaged: ${error.message}.`))
      this.#tell('pages', `The database file is damaged: ${error.message}.`, { err: error })
  }

  /** One sentence for each finding, the oldest first. */
  get told(): readonly string[] {
    return [...this.#told]
  }

  #tell(
    kind: 'document' | 'clocks' | 'row' | 'pages',
    sentence: string,
    details: Readonly<Record<string, unknown>>,
  ): void {
    this.#ports.metrics.damages.inc({ kind })
    this.#ports.log.error(details, `${sentence} "rejoin doctor" says what to do`)
    if (this.#told.size < MAX_TOLD) this.#told.add(sentence)
  }
}
