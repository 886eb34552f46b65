/**
 * What an API token may call, and the scope that it needs. Whatever is not here is for people who are signed in: their
 * account, their sessions, their notifications, and the doors of devices. The command asks the access table again, with
 * the token's scopes.
 */
import type { Action } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'

const SCOPES: Readonly<Record<string, Action>> = {
  'tickets.get': 'ticket.read',
  'tickets.comments': 'ticket.read',
  'tickets.work': 'ticket.read',
  'tickets.history': 'ticket.read',
  'tickets.list': 'ticket.read',
  'tickets.queue': 'ticket.replicate',
  'tickets.create': 'ticket.create',
  'tickets.edit': 'ticket.edit',
  'tickets.writeText': 'ticket.write-text',
  'tickets.logWork': 'work.log',
  'tickets.claim': 'ticket.claim',
  'tickets.assign': 'ticket.assign',
  'tickets.unassign': 'ticket.unassign',
  'tickets.move': 'ticket.move',
  'tickets.transition': 'ticket.transition',
  'tickets.resolve': 'ticket.resolve',
  'tickets.reopen': 'ticket.reopen',
  'tickets.close': 'ticket.close',
  'tickets.cancel': 'ticket.cancel',
  'tickets.tag': 'ticket.tag',
  'tickets.untag': 'ticket.tag',
  'tickets.watch': 'ticket.watch',
  'tickets.unwatch': 'ticket.watch',
  'tickets.comment': 'comment.public',
  'departments.list': 'department.list',
  'parked.list': 'parked.review',
  'parked.approve': 'parked.review',
  'parked.reject': 'parked.review',
  'parked.listBackdated': 'parked.review',
  'parked.approveBackdated': 'parked.review',
  'accounts.people': 'user.list',
}

/** Throws `Refusal('forbidden')` unless the token is for all of these calls. */
export function mustBeFor(scopes: readonly Action[], paths: readonly string[]): void {
  for (const path of paths) {
    const scope = Object.hasOwn(SCOPES, path) ? SCOPES[path] : undefined
    if (scope === undefined) throw forPeople(path)
    if (scopes.includes(scope)) continue
    throw new Refusal(
      'forbidden',
      `This API token does not have the scope ${scope}.`,
      'Create a token with this scope.',
    )
  }
}

export function forPeople(what: string): Refusal {
  return new Refusal('forbidden', `API tokens cannot be used for ${what}.`, 'Sign in.')
}
