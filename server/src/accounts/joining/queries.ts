/** Reading invitations that are open. Never their links. */
import type { QueryContext } from '../../core/trpc.ts'
import { mayInvite, placeOf } from './invite.ts'

/** Those that the reader could have made. */
export async function openInvitations({ read, actor, now }: QueryContext) {
  const rows = await read
    .selectFrom('invitation')
    .select(['id', 'email', 'role', 'customRoleId', 'departments', 'invitedBy', 'createdAt', 'expiresAt'])
    .where('expiresAt', '>', now)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  const open = await Promise.all(rows.map(async (row) => ({ row, place: await placeOf(read, row) })))
  return open
    .filter(({ place }) => mayInvite(actor, place))
    .map(({ row, place: { departments, customRole } }) => ({
      ...row,
      departments,
      customRoleName: customRole?.name ?? null,
    }))
}
