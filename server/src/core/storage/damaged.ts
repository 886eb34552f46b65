/**
 * Derived data that cannot be read: it is rebuilt from its rows, and the command that met it continues with the result.
 */

export class Damaged extends Error {
  readonly what: 'document' | 'SLA clocks'
  /** The document, or the ticket of the clocks. */
  readonly id: string

  constructor(what: Damaged['what'], id: string, why: string) {
    super(`The ${what} of ${id}: ${why}.`)
    this.name = 'Damaged'
    this.what = what
    this.id = id
  }
}
