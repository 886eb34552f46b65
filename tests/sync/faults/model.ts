/** The model of a run: each ticket as the rules say it is, and what the event log must hold. */
import type { Priority } from '@rejoin/shared/priority.ts'
import type { Status } from '@rejoin/shared/statuses.ts'
import type { Made } from './book.ts'
import type { Member } from './office.ts'
import type { Heard } from './said.ts'

export interface ModelTicket {
  status: Status
  assigneeId: string | null
  departmentId: string
  readonly requesterId: string
  title: string
  priority: Priority
  reopenCount: number
  readonly tags: Set<string>
  readonly watchers: Set<string>
  readonly comments: Set<string>
  /** Comments that the server made of resolutions. */
  notes: number
  readonly work: Set<string>
  /** Texts typed into the notes. */
  readonly typed: Set<string>
  /** Bytes added to it; null for a ticket that was too large from the start. */
  bytes: number | null
}

export interface Judged extends Made {
  readonly verdict: Heard
  readonly actor: Member
  /** It was parked, and judged again when the command that it waited for was taken back. */
  readonly isDecidedLater: boolean
}

export interface Model {
  readonly tickets: Map<string, ModelTicket>
  /** How many events of each type the log must hold. */
  readonly events: Map<string, number>
  readonly departments: readonly string[]
  /** People with their present rights. */
  readonly people: Map<string, Member>
  /** Tickets that were larger than they may be. */
  readonly overfull: ReadonlySet<string>
}

/** The inputs that the rules look at, for all commands. */
export interface Input {
  readonly ticketId: string
  readonly to: Status
  readonly reason?: string
  readonly agentId: string
  readonly departmentId: string
  readonly tag: string
  readonly userId?: string
  readonly commentId: string
  readonly workId: string
  readonly visibility: 'public' | 'internal'
  readonly title: string
  readonly priority: Priority
  readonly requesterId?: string
  readonly update: Uint8Array
  readonly set: { readonly title?: string; readonly priority?: Priority; readonly description?: string }
}

export interface Case {
  readonly model: Model
  readonly ticket: ModelTicket
  readonly input: Input
  readonly actor: Member
  readonly code: string | undefined
}

export function count({ events }: Model, type: string): void {
  events.set(type, (events.get(type) ?? 0) + 1)
}

export function owns({ ticket, actor }: Case): boolean {
  return ticket.assigneeId === actor.id && actor.role !== 'requester'
}
