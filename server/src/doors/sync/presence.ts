/**
 * The viewers of each ticket. In memory only: presence ends with the connection.
 *
 * 1. Viewers are told when the names shown to them change, and get at most `MAX_NAMES` of them: the cost of an arrival
 *    or departure does not grow with the square of the number of viewers.
 */

/** How many people are named to the viewers of a ticket: the first to come. */
const MAX_NAMES = 50

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
  /** The tickets that each viewer looks at. */
  readonly #views = new Map<Viewer, ReadonlySet<string>>()

  /** Replaces the tickets that the viewer looks at; an empty list when they leave. */
  view(viewer: Viewer, ticketIds: readonly string[]): void {
    const before = this.#views.get(viewer) ?? new Set()
    const now = new Set(ticketIds)
    if (now.size === 0) this.#views.delete(viewer)
    else this.#views.set(viewer, now)
    for (const ticketId of before.difference(now)) this.#leave(viewer, ticketId)
    for (const ticketId of now.difference(before)) this.#come(viewer, ticketId)
  }

  #come(viewer: Viewer, ticketId: string): void {
    const viewers = this.#viewers.get(ticketId) ?? new Set()
    const before = namesOf(viewers)
    this.#viewers.set(ticketId, viewers.add(viewer))
    const after = namesOf(viewers)
    if (isSame(before, after)) viewer.see(ticketId, after)
    else for (const each of viewers) each.see(ticketId, after)
  }

  #leave(viewer: Viewer, ticketId: string): void {
    const viewers = this.#viewers.get(ticketId)
    if (viewers === undefined) return
    const before = namesOf(viewers)
    viewers.delete(viewer)
    if (viewers.size === 0) this.#viewers.delete(ticketId)
    const after = namesOf(viewers)
    if (!isSame(before, after)) for (const each of viewers) each.see(ticketId, after)
  }
}

function namesOf(viewers: ReadonlySet<Viewer>): Person[] {
  const people = new Map<string, Person>()
  for (const { person } of viewers) {
    if (people.size === MAX_NAMES) break
    if (!people.has(person.id)) people.set(person.id, person)
  }
  return [...people.values()]
}

function isSame(one: readonly Person[], other: readonly Person[]): boolean {
  return one.length === other.length && one.every(({ id }, index) => id === other[index]?.id)
}
