/** What follows from rows and cannot be read: it is made anew from them, and whoever met it goes on with that. */

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
