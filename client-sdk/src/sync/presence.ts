/** Who is looking at which ticket. Nothing of it is stored, and it is gone with the connection. */
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import { PresenceFrame, type DeviceFrame, type PresenceReport } from '@rejoin/shared/sync/wire.ts'

export type Person = PresenceReport['people'][number]

export class Presence {
  #viewing: readonly string[] = []
  readonly #people = new Map<string, readonly Person[]>()

  get frame(): Extract<DeviceFrame, { type: 'presence' }> {
    return { type: 'presence', viewing: [...this.#viewing] }
  }

  get isViewing(): boolean {
    return this.#viewing.length > 0
  }

  view(ticketIds: readonly string[]): void {
    const frame = PresenceFrame.safeParse({ type: 'presence', viewing: ticketIds })
    if (!frame.success) throw new Refusal('invalid', describeIssues(frame.error))
    this.#viewing = frame.data.viewing
  }

  report({ ticketId, people }: PresenceReport): void {
    this.#people.set(ticketId, people)
  }

  people(ticketId: string): readonly Person[] {
    return this.#people.get(ticketId) ?? []
  }

  /** Forgets the others, and answers whose presence it knew. */
  clear(): string[] {
    const ticketIds = [...this.#people.keys()]
    this.#people.clear()
    return ticketIds
  }
}
