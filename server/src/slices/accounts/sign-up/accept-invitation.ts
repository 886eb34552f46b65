/**
 * Signing up by an invitation: the person gives a name and chooses a password. The link works once. A member who was added
 * without a password keeps their role and departments.
 */
import type { Selectable } from 'kysely'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext, PrepareContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { PublicContext } from '../../../core/api/procedures.ts'
import { JUMP_MS } from '../../../core/runtime/steadiness.ts'
import { welcome } from '../people/welcome.ts'
import { hashNewPassword } from '../passwords/strength.ts'
import { addPerson } from '../people/add.ts'
import { dropInvitations, findUserByEmail, getActor, getPerson } from '../queries.ts'
import { badLink, hashToken } from '../tokens.ts'
import * as contract from '../contract/invitations.ts'
import { mustInvite, membershipOf, departmentsIn } from '../invitations/invite.ts'
import { membershipOfMember } from '../invitations/member.ts'
import type { InvitationTable } from '../invitations/tables.ts'

export const acceptInvitation = implement(
  contract.accept,
  {
    async check({ read, now }, { token }) {
      const invitation = await getInvitation(read, token, now)
      await mustStillBeMeant(read, invitation, await findUserByEmail(read, invitation.email))
    },
    async prepare(context: PrepareContext, { token, name, password }: ParsedOf<typeof contract.accept>) {
      const { email } = await getInvitation(context.read, token, context.now)
      return hashNewPassword(context, password, { name, email })
    },
  },
  async (context, { token, name }, passwordHash) => {
    const { tx, now, event, send } = context
    const invitation = await getInvitation(tx, token, now)
    const { email, customRoleId, needsApproval } = invitation
    const member = await findUserByEmail(tx, email)
    await mustStillBeMeant(tx, invitation, member)
    const departments = departmentsIn(tx, invitation.departments)
    const status = needsApproval === 1 && member === undefined ? 'pending' : 'active'
    const { role: invited } = invitation
    const newcomer = { name, email, role: invited, customRoleId, departments, passwordHash, status } as const
    const userId =
      member === undefined ? await addPerson(context, newcomer) : await activateMember(context, member, newcomer)
    await dropInvitations(tx, email)
    const { role } = getPerson(tx, userId)
    await event({
      subject: 'user',
      subjectId: userId,
      type: 'user-joined',
      actorId: userId,
      payload: { name, role, status },
    })
    if (status === 'active') send('mail', welcome({ email, name }))
    return { userId, status } as const
  },
)

async function activateMember(
  { tx, event }: CommandContext,
  member: { id: string; name: string },
  { name, passwordHash }: { name: string; passwordHash: string },
): Promise<string> {
  const { id } = member
  await tx.updateTable('user').set({ name, passwordHash }).where('id', '=', id).execute()
  await tx.deleteFrom('passwordReset').where('userId', '=', id).execute()
  const renamed = { fields: ['name'], from: { name: member.name }, to: { name } }
  if (name !== member.name) {
    await event({ subject: 'user', subjectId: id, type: 'user-edited', actorId: id, payload: renamed })
  }
  return id
}

/** What a link is for; null when it does not work. */
export async function verifyInvitation({ read, now }: PublicContext, { token }: ParsedOf<typeof contract.verify>) {
  const found = await findInvitation(read, token, now)
  if (found === undefined) return null
  const { email, role, expiresAt } = found
  const member = await findUserByEmail(read, email)
  return { email, role, expiresAt, name: member?.name ?? null }
}

function findInvitation(read: Read, token: string, now: number): Promise<Selectable<InvitationTable> | undefined> {
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

type Member = Awaited<ReturnType<typeof findUserByEmail>>

/** An invitation is worth no more than its author is now. Of a member counts what they are now. */
async function mustStillBeMeant(read: Read, invitation: InvitationTable, member: Member): Promise<void> {
  const { invitedBy } = invitation
  if (invitedBy === null && member === undefined) return
  try {
    const membership = member === undefined ? await membershipOf(read, invitation) : membershipOfMember(read, member)
    if (invitedBy !== null) mustInvite(getActor(read, invitedBy), membership)
  } catch (error) {
    throw error instanceof Refusal ? badLink() : error
  }
}
