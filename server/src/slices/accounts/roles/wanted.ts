/** The role that a person is to have: a built-in one or a custom one. */
import type { z } from 'zod'
import type { CustomRole, Role } from '@rejoin/shared/access/access.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { WantedRole } from '../contract/roles.ts'
import { getCustomRole } from './queries.ts'

/** A built-in role, or the base and cells of a custom one. */
export interface GivenRole {
  readonly role: Role
  readonly customRole?: CustomRole | undefined
}

/** Throws `Refusal('not-found')` for a custom role that is not there. */
export async function getWantedRole(
  read: Read,
  { role = 'requester', customRoleId }: z.output<typeof WantedRole>,
): Promise<GivenRole> {
  return customRoleId === undefined ? { role } : await getCustomRole(read, customRoleId)
}
