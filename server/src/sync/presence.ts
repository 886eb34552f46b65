/** Who is looking at which ticket. In memory only: presence ends with the connection. */

export interface Person {
  readonly id: string
  readonly name: string
}

export interface Viewer {
  readonly person: Person
  /** Called when the people at a ticket that this viewer has open change. */
  see(ticketId: string, people: readonly Person[]): void
}

export class Presence {
  readonly #viewers = new Map<string, Set<Viewer>>()

  /** Replaces what the viewer looks at; an empty list when they leave. */
  view(viewer: Viewer, ticketIds: readonly string[]): void {
    const touched = new Set(ticketIds)
    for (const [ticketId, viewers] of this.#viewers) {
      if (touched.has(ticketId) || !viewers.delete(viewer)) continue
      if (viewers.size === 0) this.#viewers.delete(ticketId)
      this.#tell(ticketId)
    }
    for (const ticketId of touched) {
      const viewers = this.#viewers.get(ticketId) ?? new Set()
      if (viewers.has(viewer)) continue
      this.#viewers.set(ticketId, viewers.add(viewer))
      this.#tell(ticketId)
    }
  }

  #tell(ticketId: string): void {
    const viewers = this.#viewers.get(ticketId) ?? new Set()
    const people = new Map([...viewers].map(({ person }) => [person.id, person]))
    for (const viewer of viewers) viewer.see(ticketId, [...people.values()])
  }
}
