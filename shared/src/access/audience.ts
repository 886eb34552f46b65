/**
 * The devices that carry a document: its audience is a set of keys, and a device carries each document with a key of its person.
 * Both sides follow from the table of rights.
 */
import { isOpen } from '../statuses.ts'
import { grantsOf, type Actor, type Relation, type Standing } from './access.ts'

/** The audience of a ticket's document: one key for each relation under which a device may carry it. */
export function audienceOf(ticket: Standing): string[] {
  if (!isOpen(ticket.status)) return []
  const keys = ticket.watcherIds.map((id) => `watched:${id}`)
  if (ticket.assigneeId !== null) keys.push(`assigned:${ticket.assigneeId}`)
  if (ticket.departmentId !== null) {
    keys.push(`department:${ticket.departmentId}`)
    if (ticket.assigneeId === null) keys.push(`queue:${ticket.departmentId}`)
  }
  return keys
}

/** The audience keys that bring a document into the scope of this actor's devices. */
export function scopeKeysOf(actor: Actor): string[] {
  return grantsOf(actor, 'ticket.replicate').flatMap((relation) => {
    if (relation === 'assigned' || relation === 'watched') return [`${relation}:${actor.id}`]
    if (relation === 'queue' || relation === 'department') return actor.departments.map((id) => `${relation}:${id}`)
    return []
  })
}

/** The relation that an audience key stands for. */
export function relationOfKey(key: string): Relation {
  return key.slice(0, key.indexOf(':')) as Relation
}
