/** Inviting somebody: a link to their address, which makes them who the inviter says. */
import { z } from 'zod'
import { may, Role, type Actor, type Relation } from '@rejoin/shared/access.ts'
import { beyond } from '@rejoin/shared/custom-roles.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { command, type CommandContext } from '../../core/commit/command.ts'
import { getDepartment } from '../../departments/queries.ts'
import { Email } from '../people/fields.ts'
import { findUserByEmail } from '../queries.ts'
import { hashToken, newToken } from '../tokens.ts'

const DAY_MS = 24 * 3_600_000

/** What somebody is to be. */
export interface Place {
  readonly role: Role
  readonly departments: readonly string[]
}

export const inviteUser = command({
  name: 'invitation.create',
  input: z.object({
    email: Email,
    role: Role,
    departments: z.array(Id).max(50).default([]),
    days: z.int().min(1).max(30).default(7),
  }),
  async run(context, { email, role, departments, days }) {
    const { tx, actor, event, send } = context
    mustInvite(actor, { role, departments })
    for (const id of departments) await getDepartment(tx, id)
    if ((await findUserByEmail(tx, email)) !== undefined) {
      throw new Refusal('conflict', `email: ${email} belongs to somebody already.`, 'Use another address.')
    }
    const invited = await invite(context, { email, role, departments, lifeMs: days * DAY_MS, invitedBy: actor.id })
    const { invitationId, token, expiresAt } = invited
    send('mail', { to: email, letter: 'invitation', fields: { inviter: actor.name, token, expiresAt } })
    const payload = { email, role, departments }
    await event({ subject: 'invitation', subjectId: invitationId, type: 'invitation-sent', payload })
    return invited
  },
})

export function mayInvite(actor: Actor, place: Place): boolean {
  return may(actor, 'user.invite', relationsTo(actor, place)) && beyond(actor, place) === undefined
}

/** Throws `Refusal('forbidden')` unless `actor` may make somebody this. */
export function mustInvite(actor: Actor, place: Place): void {
  if (mayInvite(actor, place)) return
  throw new Refusal('forbidden', 'You cannot invite somebody to be this.', 'Ask an administrator.')
}

/** `department`: into departments of the inviter only, and to no more than the inviter is. */
function relationsTo(actor: Actor, { role, departments }: Place): ReadonlySet<Relation> {
  const isWithin = role !== 'admin' && departments.every((id) => actor.departments.includes(id))
  return new Set<Relation>(isWithin ? ['any', 'department'] : ['any'])
}

/** An earlier invitation to the same address stops working. The token is returned once and cannot be read again. */
export async function invite(
  { tx, now, newId }: CommandContext,
  { email, role, departments, lifeMs, invitedBy }: Place & { email: string; lifeMs: number; invitedBy: string | null },
): Promise<{ invitationId: string; token: string; expiresAt: number }> {
  const token = newToken()
  const id = newId()
  const expiresAt = now + lifeMs
  await tx.deleteFrom('invitation').where('email', '=', email).execute()
  await tx
    .insertInto('invitation')
    .values({
      id,
      email,
      role,
      departments: JSON.stringify([...new Set(departments)]),
      needsApproval: invitedBy === null && role !== 'requester' ? 1 : 0,
      invitedBy,
      tokenHash: hashToken(token),
      createdAt: now,
      expiresAt,
    })
    .execute()
  return { invitationId: id, token, expiresAt }
}

export const revokeInvitation = command({
  name: 'invitation.revoke',
  input: z.object({ invitationId: Id }),
  async run({ tx, actor, event }, { invitationId }) {
    const found = await tx.selectFrom('invitation').selectAll().where('id', '=', invitationId).executeTakeFirst()
    if (found === undefined) {
      throw new Refusal('not-found', 'There is no such invitation.', 'It may have been used, or have run out.')
    }
    mustInvite(actor, { role: found.role, departments: JSON.parse(found.departments) as string[] })
    await tx.deleteFrom('invitation').where('id', '=', invitationId).execute()
    const payload = { email: found.email }
    await event({ subject: 'invitation', subjectId: invitationId, type: 'invitation-revoked', payload })
  },
})
