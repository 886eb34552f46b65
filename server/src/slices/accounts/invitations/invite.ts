/** Inviting somebody: a link to their address, which makes them who the inviter says. */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import { may, type Actor, type Relation } from '@rejoin/shared/access/access.ts'
import { beyond } from '@rejoin/shared/access/custom-roles.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { parsedAs } from '../../../core/storage/stored-json.ts'
import { mustTakeMembers } from '../../departments/queries.ts'
import { dropInvitations, findUserByEmail } from '../queries.ts'
import { getCustomRole } from '../roles/queries.ts'
import { getWantedRole } from '../roles/wanted.ts'
import { hashToken, newToken } from '../tokens.ts'
import * as contract from '../contract/invitations.ts'
import { mustBeSame, membershipOfMember, type Membership } from './member.ts'
import type { InvitationTable } from './tables.ts'

const DAY_MS = 24 * 3_600_000

/** Also invites a person who was added and has no password yet: they keep their role and departments. */
export const inviteUser = implement(contract.create, async (context, { email, departments, days, ...wanted }) => {
  const { tx, actor } = context
  const membership = { ...(await getWantedRole(tx, wanted)), departments }
  mustInvite(actor, membership)
  mustTakeMembers(tx, departments)
  const member = await findUserByEmail(tx, email)
  if (member === undefined) return sendInvitation(context, { ...membership, email, days })
  const own = membershipOfMember(tx, member)
  mustInvite(actor, own)
  mustBeSame(tx, member, own, membership)
  return sendInvitation(context, { ...own, email, days })
})

/** Makes the link, mails it, and tells the audit log. */
export async function sendInvitation(
  context: CommandContext,
  { email, days = contract.DAYS, ...membership }: Membership & { email: string; days?: number },
): Promise<{ invitationId: string; token: string; expiresAt: number }> {
  const { actor, event, send } = context
  const inviter = actor.id === SYSTEM_ID ? 'An administrator' : actor.name
  // Later the rights of this person are asked for: not those of the operator, nor of who may add or approve people
  // only.
  const invitedBy = actor.id !== SYSTEM_ID && mayInvite(actor, membership) ? actor.id : null
  const invited = await invite(context, {
    ...membership,
    email,
    lifeMs: days * DAY_MS,
    invitedBy,
    needsApproval: false,
  })
  const { invitationId, token, expiresAt } = invited
  send('mail', { to: email, letter: 'invitation', fields: { inviter, token, expiresAt } })
  const { role, customRole, departments } = membership
  const payload = { email, role, departments, ...(customRole !== undefined && { customRole: customRole.name }) }
  await event({ subject: 'invitation', subjectId: invitationId, type: 'invitation-sent', payload })
  return invited
}

export function mayInvite(actor: Actor, membership: Membership): boolean {
  return may(actor, 'user.invite', relationsTo(actor, membership)) && beyond(actor, membership) === undefined
}

/** Throws `Refusal('forbidden')` unless `actor` may make somebody this. */
export function mustInvite(actor: Actor, membership: Membership): void {
  if (mayInvite(actor, membership)) return
  throw new Refusal(
    'forbidden',
    'You cannot invite people with this role or into these departments.',
    'Ask an administrator.',
  )
}

/** `department`: into departments of the inviter only, and to no more than the inviter is. */
function relationsTo(actor: Actor, { role, departments }: Membership): ReadonlySet<Relation> {
  const isWithin = role !== 'admin' && departments.every((id) => actor.departments.includes(id))
  return new Set<Relation>(isWithin ? ['any', 'department'] : ['any'])
}

type StoredMembership = Pick<Selectable<InvitationTable>, 'role' | 'customRoleId' | 'departments'>

/** The role and departments that an invitation gives. */
export async function membershipOf(
  read: Read,
  { role, customRoleId, departments }: StoredMembership,
): Promise<Membership> {
  const holder = customRoleId === null ? { role } : await getCustomRole(read, customRoleId)
  return { ...holder, departments: departmentsIn(read, departments) }
}

interface Invited extends Membership {
  readonly email: string
  readonly lifeMs: number
  /** Null for the operator, and for a person who registers by themselves. */
  readonly invitedBy: string | null
  readonly needsApproval: boolean
}

/** An earlier invitation to the same address stops working. The token is returned once and cannot be read again. */
export async function invite(
  { tx, now, newId }: CommandContext,
  { email, role, customRole, departments, lifeMs, invitedBy, needsApproval }: Invited,
): Promise<{ invitationId: string; token: string; expiresAt: number }> {
  const token = newToken()
  const id = newId()
  const expiresAt = now + lifeMs
  await dropInvitations(tx, email)
  await tx
    .insertInto('invitation')
    .values({
      id,
      email,
      role,
      customRoleId: customRole?.id ?? null,
      departments: JSON.stringify([...new Set(departments)]),
      needsApproval: needsApproval ? 1 : 0,
      invitedBy,
      tokenHash: hashToken(token),
      createdAt: now,
      expiresAt,
    })
    .execute()
  return { invitationId: id, token, expiresAt }
}

export const revokeInvitation = implement(contract.revoke, async ({ tx, actor, event }, { invitationId }) => {
  const found = await tx.selectFrom('invitation').selectAll().where('id', '=', invitationId).executeTakeFirst()
  if (found === undefined) {
    throw new Refusal(
      'not-found',
      'There is no such invitation.',
      'It may have been used, replaced or revoked, or it may have expired.',
    )
  }
  mustInvite(actor, await membershipOf(tx, found))
  await tx.deleteFrom('invitation').where('id', '=', invitationId).execute()
  const payload = { email: found.email }
  await event({ subject: 'invitation', subjectId: invitationId, type: 'invitation-revoked', payload })
})

/** Throws `Refusal('conflict')` where the disk has damaged it: nobody signs up without what they were invited to. */
export function departmentsIn(read: Read, departments: string): string[] {
  const parsed = parsedAs(read, departments, 'The departments of an invitation', (json) => Departments.parse(json))
  if (parsed !== null) return parsed
  throw new Refusal('conflict', 'This invitation is damaged in the database.', 'Ask for another invitation.')
}

const Departments = z.array(z.string())
