/**
 * What happens when two sides changed a field while apart, declared once per field, and the decisions that need more
 * than a word. Pure: the server decides with these, the device explains with them.
 */
import { Priority, rankOf } from '../priority.ts'
import type { CustomFields, EditableFields, TicketView } from './ticket.ts'

/**
 * `path`: the device's transitions are replayed from the server's present state. `server`: the office's choice wins.
 * `higher`: the higher value wins. `later`: the later effective time wins, the loser is kept in the history.
 * `add-wins`: an add beats a concurrent remove. `append`: never conflicts. `text`: merged character by character.
 * `server-only`: no command sets it.
 */
type MergePolicy = 'path' | 'server' | 'higher' | 'later' | 'add-wins' | 'append' | 'text' | 'server-only'

export const MERGE = {
  id: 'server-only',
  number: 'server-only',
  title: 'later',
  status: 'path',
  statusReason: 'path',
  priority: 'higher',
  type: 'later',
  category: 'later',
  subcategory: 'later',
  departmentId: 'server',
  requesterId: 'server-only',
  requesterName: 'server-only',
  assigneeId: 'server',
  assigneeName: 'server-only',
  tags: 'add-wins',
  watchers: 'add-wins',
  skills: 'later',
  estimateMinutes: 'later',
  dueAt: 'later',
  site: 'later',
  custom: 'later',
  resolution: 'path',
  source: 'server-only',
  escalationLevel: 'server-only',
  reopenCount: 'server-only',
  createdAt: 'server-only',
  startedAt: 'server-only',
  firstRespondedAt: 'server-only',
  resolvedAt: 'server-only',
  closedAt: 'server-only',
  clocks: 'server-only',
  clockTerms: 'server-only',
  description: 'text',
  notes: 'text',
  comments: 'append',
  work: 'append',
} as const satisfies Record<keyof TicketView, MergePolicy>

/** Values of an edit that the merge table settles: a description is a text, and custom fields are settled one by one. */
type PlainFields = Required<Omit<EditableFields, 'description' | 'custom'>>

/** One field that an edit sets. */
export type FieldChange =
  | {
      readonly [Field in keyof PlainFields]: { readonly field: Field; readonly value: PlainFields[Field] }
    }[keyof PlainFields]
  | { readonly field: 'custom'; readonly key: string; readonly value: CustomFields[string] }

/** The fields that an edit sets, each by itself. */
export function changesOf({ custom = {}, ...plain }: Omit<EditableFields, 'description'>): FieldChange[] {
  const given = Object.entries(plain).filter(([, value]) => value !== undefined)
  return [
    ...given.map(([field, value]) => ({ field, value }) as FieldChange),
    ...Object.entries(custom).map(([key, value]) => ({ field: 'custom' as const, key, value })),
  ]
}

/** The name of a changed field in stamps, history and answers: `custom.colour` for a custom field. */
export function nameOf(change: FieldChange): string {
  return change.field === 'custom' ? `custom.${change.key}` : change.field
}

/** Both sides of a field that somebody else changed while the author was apart. */
interface Apart {
  /** The effective time of the author's change, and of the other one. */
  readonly mine: number
  readonly theirs: number
  /** The priority of the ticket now, and the one that the author was looking at. */
  readonly priority: { now: Priority; seen(): Priority }
}

/** `theirs`: the other value stands. `refused`: it stands, and the author has to look at it. */
export type Settled = 'mine' | 'theirs' | 'refused'

/** A policy that the table gives to an editable field, and that is missing here, is an error of types. */
const SETTLED_BY = {
  later: (_change: FieldChange, { mine, theirs }: Apart): Settled => (mine >= theirs ? 'mine' : 'theirs'),
  higher: (change: FieldChange, { priority }: Apart): Settled =>
    settlePriority(priority.now, Priority.parse(change.value), priority.seen()),
}

/** Settles a change by the policy of its field. */
export function settle(change: FieldChange, apart: Apart): Settled {
  return SETTLED_BY[MERGE[change.field]](change, apart)
}

/** An author who saw `seen` meant to raise or to lower it; a concurrent raise refuses the lowering. */
function settlePriority(now: Priority, wanted: Priority, seen: Priority): Settled {
  const isLowered = rankOf(wanted) < rankOf(seen)
  if (rankOf(wanted) >= rankOf(now)) return 'mine'
  if (isLowered && rankOf(now) <= rankOf(seen)) return 'mine'
  return isLowered ? 'refused' : 'theirs'
}

/** Two resolves: the earlier effective time stands. */
export function earlierResolve(mine: number, theirs: number): boolean {
  return mine < theirs
}

/** Reassigned meanwhile: the work is credited while the new assignee has not started, else a dispatcher decides. */
export function settleReassigned(newAssigneeStarted: boolean): 'credit' | 'park' {
  return newAssigneeStarted ? 'park' : 'credit'
}
