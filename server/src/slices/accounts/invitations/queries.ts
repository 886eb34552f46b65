/** Reading invitations that are open. Never their links. */
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { filledPage, isYounger, type ByAge } from '../by-age.ts'
import type * as contract from '../contract/invitations.ts'
import { mayInvite, membershipOf } from './invite.ts'

/** Those that the reader could have made. */
export function openInvitations({ read, actor, now }: QueryContext, page: ParsedOf<typeof contract.list>) {
  return filledPage(
    page,
    (chunk) => openRows(read, now, chunk),
    async (row) => {
      const membership = await membershipOf(read, row)
      const { departments, customRole } = membership
      return mayInvite(actor, membership) ? { ...row, departments, customRoleName: customRole?.name ?? null } : null
    },
  )
}

function openRows(read: Read, now: number, { limit, after }: ByAge) {
  let select = read
    .selectFrom('invitation')
    .select(['id', 'email', 'role', 'customRoleId', 'departments', 'invitedBy', 'createdAt', 'expiresAt'])
    .where('expiresAt', '>', now)
  if (after !== undefined) select = select.where(isYounger(after))
  return select.orderBy('createdAt').orderBy('id').limit(limit).execute()
}
