/** What somebody is to be: a built-in role or a custom one. */
import { z } from 'zod'
import { Role, type CustomRole } from '@rejoin/shared/access/access.ts'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import type { Read } from '../../../core/storage/db.ts'
import { getCustomRole } from './queries.ts'

/** A built-in role, or the base and cells of a custom one. */
export interface GivenRole {
  readonly role: Role
  readonly customRole?: CustomRole | undefined
}

/** `role`, or the id of a custom one. */
export const WantedRole = z
  .strictObject({ role: Role.optional(), customRoleId: Id.optional() })
  .refine(({ role, customRoleId }) => (role === undefined) !== (customRoleId === undefined), {
    path: ['role'],
    message: 'give either role or customRoleId',
  })

/** Throws `Refusal('not-found')` for a custom role that is not there. */
export async function getWantedRole(
  read: Read,
  { role = 'requester', customRoleId }: z.output<typeof WantedRole>,
): Promise<GivenRole> {
  return customRoleId === undefined ? { role } : getCustomRole(read, customRoleId)
}
