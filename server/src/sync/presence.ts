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
  /** What each viewer looks at. */
  readonly #views = new Map<Viewer, ReadonlySet<string>>()

  /** Replaces what the viewer looks at; an empty list when they leave. */
  view(viewer: Viewer, ticketIds: readonly string[]): void {
    const before = this.#views.get(viewer) ?? new Set()
    const now = new Set(ticketIds)
    if (now.size === 0) this.#views.delete(viewer)
    else this.#views.set(viewer, now)
    for (const ticketId of before.difference(now)) {
      const viewers = this.#viewers.get(ticketId)
      viewers?.delete(viewer)
      if (viewers?.size === 0) this.#viewers.delete(ticketId)
      this.#tell(ticketId)
    }
    for (const ticketId of now.difference(before)) {
      this.#viewers.set(ticketId, (this.#viewers.get(ticketId) ?? new Set()).add(viewer))
      this.#tell(ticketId)
    }
  }

  #tell(ticketId: string): void {
    const viewers = this.#viewers.get(ticketId) ?? new Set()
    const people = new Map([...viewers].map(({ person }) => [person.id, person]))
    for (const viewer of viewers) viewer.see(ticketId, [...people.values()])
  }
}
