/** Reading invitations that are open. Never their links. */
import type { z } from 'zod'
import type { Read } from '../../../core/storage/db.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { filledPage, isYounger, type ByAge } from '../by-age.ts'
import { mayInvite, placeOf } from './invite.ts'

/** Those that the reader could have made. */
export async function openInvitations({ read, actor, now }: QueryContext, page: z.output<typeof ByAge>) {
  return filledPage(
    page,
    (chunk) => openRows(read, now, chunk),
    async (row) => {
      const place = await placeOf(read, row)
      const { departments, customRole } = place
      return mayInvite(actor, place) ? { ...row, departments, customRoleName: customRole?.name ?? null } : null
    },
  )
}

async function openRows(read: Read, now: number, { limit, after }: z.output<typeof ByAge>) {
  let select = read
    .selectFrom('invitation')
    .select(['id', 'email', 'role', 'customRoleId', 'departments', 'invitedBy', 'createdAt', 'expiresAt'])
    .where('expiresAt', '>', now)
  if (after !== undefined) select = select.where(isYounger(after))
  return select.orderBy('createdAt').orderBy('id').limit(limit).execute()
}
