/** Reading invitations that are open. Never their links. */
import type { QueryContext } from '../../core/trpc.ts'
import { mayInvite } from './invite.ts'

/** Those that the reader could have made. */
export async function openInvitations({ read, actor, now }: QueryContext) {
  const rows = await read
    .selectFrom('invitation')
    .select(['id', 'email', 'role', 'departments', 'invitedBy', 'createdAt', 'expiresAt'])
    .where('expiresAt', '>', now)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows
    .map((row) => ({ ...row, departments: JSON.parse(row.departments) as string[] }))
    .filter((row) => mayInvite(actor, row))
}
