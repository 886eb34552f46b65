/** An incident on its way through the groups, as the replay knows it. What an agent knows is on their device. */
import { isOpen, type Status } from '@rejoin/shared/statuses.ts'
import type { Sight } from './express.ts'
import type { Group } from './group.ts'
import type { Update } from './read.ts'
import { statusOf } from './words.ts'

export class Case {
  readonly ticketId: string
  /** The group that works on it. */
  group: Group
  /** The last update that went through. */
  last: Update
  /** The group has sent a claim of the ticket; the server may still refuse it. */
  isClaimed = true
  #status: Status

  constructor(ticketId: string, group: Group, first: Update) {
    this.ticketId = ticketId
    this.group = group
    this.last = first
    this.#status = statusOf(first.state) ?? 'open'
  }

  /** The ticket as the agent's device shows it; without it there, the state of the agent's last update. */
  sight(): Sight {
    const { device, person } = this.group.field
    const view = device.view(this.ticketId)
    if (view === null) return { ticketId: this.ticketId, status: this.#status, isMine: this.isClaimed }
    return { ticketId: this.ticketId, status: view.status, isMine: view.assigneeId === person.id }
  }

  get isOpen(): boolean {
    return isOpen(this.sight().status)
  }

  follow(update: Update): void {
    this.last = update
    this.#status = statusOf(update.state) ?? this.#status
    this.isClaimed = true
  }
}
