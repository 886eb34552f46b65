/** Joining by a link: whoever opens it gives their name and chooses a password. It works once. */
import { z } from 'zod'
import type { Selectable } from 'kysely'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command, type PrepareContext } from '../../core/commit/command.ts'
import type { Read } from '../../core/db.ts'
import type { PublicContext } from '../../core/trpc.ts'
import { JUMP_MS } from '../../core/steadiness.ts'
import { welcome } from '../commands.ts'
import { hashNewPassword, Password } from '../passwords/strength.ts'
import { addPerson } from '../people/add.ts'
import { Name } from '../people/fields.ts'
import { getActor } from '../queries.ts'
import { badLink, hashToken, Token } from '../tokens.ts'
import { mustInvite, placeOf, placesIn } from './invite.ts'
import type { InvitationTable } from './tables.ts'

const Joining = z.object({ token: Token, name: Name, password: Password })

export const join = command({
  name: 'invitation.accept',
  input: Joining,
  async check({ read, now }, { token }) {
    await mustStillBeMeant(read, await getInvitation(read, token, now))
  },
  async prepare({ read, now }: PrepareContext, { token, name, password }: z.output<typeof Joining>) {
    const { email } = await getInvitation(read, token, now)
    return hashNewPassword(password, { name, email })
  },
  async run(context, { token, name }, passwordHash) {
    const { tx, now, event, send } = context
    const invitation = await getInvitation(tx, token, now)
    await mustStillBeMeant(tx, invitation)
    const { id, email, role, customRoleId, needsApproval } = invitation
    const departments = placesIn(tx, invitation.departments)
    const status = needsApproval === 1 ? 'pending' : 'active'
    const userId = await addPerson(context, { name, email, role, customRoleId, departments, passwordHash, status })
    await tx.deleteFrom('invitation').where('id', '=', id).execute()
    await event({
      subject: 'user',
      subjectId: userId,
      type: 'user-joined',
      actorId: userId,
      payload: { name, role, status },
    })
    if (status === 'active') send('mail', welcome({ email, name }))
    return { userId, status }
  },
})

/** What a link is for; null when it does not work. */
export async function verifyInvitation({ read, now }: PublicContext, { token }: { token: string }) {
  const found = await findInvitation(read, token, now)
  return found === undefined ? null : { email: found.email, role: found.role, expiresAt: found.expiresAt }
}

async function findInvitation(
  read: Read,
  token: string,
  now: number,
): Promise<Selectable<InvitationTable> | undefined> {
  return read
    .selectFrom('invitation')
    .selectAll()
    .where('tokenHash', '=', hashToken(token))
    .where('expiresAt', '>', now)
    .where('createdAt', '<=', now + JUMP_MS)
    .executeTakeFirst()
}

async function getInvitation(read: Read, token: string, now: number): Promise<Selectable<InvitationTable>> {
  const found = await findInvitation(read, token, now)
  if (found === undefined) throw badLink()
  return found
}

/** An invitation is worth no more than its author is now. */
async function mustStillBeMeant(read: Read, invitation: InvitationTable): Promise<void> {
  const { invitedBy } = invitation
  if (invitedBy === null) return
  try {
    mustInvite(await getActor(read, invitedBy), await placeOf(read, invitation))
  } catch (error) {
    throw error instanceof Refusal ? badLink() : error
  }
}
