/** A person who was added before, by a file or without a password, and is invited: they keep role and departments. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Read } from '../../../core/storage/db.ts'
import { getDepartment } from '../../departments/queries.ts'
import { findPerson, getAuthor } from '../queries.ts'
import type { GivenRole } from '../roles/wanted.ts'
import type { UserTable } from '../tables.ts'

/** The role and the departments of a person, present or wanted. */
export interface Membership extends GivenRole {
  readonly departments: readonly string[]
}

type Member = Pick<UserTable, 'id' | 'name' | 'status' | 'passwordHash'>

/**
 * The role and departments that a member has. Throws `Refusal('conflict')` for somebody who has a password or is not
 * active.
 */
export function membershipOfMember(read: Read, { id, name, status, passwordHash }: Member): Membership {
  if (passwordHash !== null) {
    const hint = 'If the password is lost, an administrator can make a link with accounts.createPasswordLink.'
    throw new Refusal('conflict', `email: this is the address of ${name}, who already has a password.`, hint)
  }
  const person = findPerson(read, id)
  if (status !== 'active' || person === undefined) {
    throw new Refusal('conflict', `email: the account of ${name} is ${status}.`, 'Enable or approve the account first.')
  }
  const { departments } = getAuthor(read, id)
  return { role: person.role, customRole: person.customRole, departments }
}

/** Throws `Refusal('conflict')` where an invitation says something else than they are; it may leave departments out. */
export function mustBeSame(read: Read, { name }: Member, own: Membership, wanted: Membership): void {
  const isElsewhere =
    wanted.departments.length > 0 && new Set(own.departments).symmetricDifference(new Set(wanted.departments)).size > 0
  if (own.role === wanted.role && own.customRole?.id === wanted.customRole?.id && !isElsewhere) return
  const names = own.departments.map((id) => getDepartment(read, id).name)
  const where = names.length === 0 ? 'no department' : names.join(', ')
  throw new Refusal(
    'conflict',
    `email: this is the address of ${name}, with the role ${own.customRole?.name ?? own.role} in ${where}.`,
    'Invite the person with that role and those departments, or change these first.',
  )
}
