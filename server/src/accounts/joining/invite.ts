/** Inviting somebody: a link to their address, which makes them who the inviter says. */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import { may, type Actor, type Relation } from '@rejoin/shared/access.ts'
import { beyond } from '@rejoin/shared/custom-roles.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { command, type CommandContext } from '../../core/commit/command.ts'
import type { Read } from '../../core/db.ts'
import { parsedAs } from '../../core/stored-json.ts'
import { getDepartment } from '../../departments/queries.ts'
import { Email } from '../people/fields.ts'
import { findUserByEmail } from '../queries.ts'
import { getCustomRole } from '../roles/queries.ts'
import { getWantedRole, WantedRole, type GivenRole } from '../roles/wanted.ts'
import { hashToken, newToken } from '../tokens.ts'
import type { InvitationTable } from './tables.ts'

const DAY_MS = 24 * 3_600_000

/** What somebody is to be, and where. */
export interface Place extends GivenRole {
  readonly departments: readonly string[]
}

export const inviteUser = command({
  name: 'invitation.create',
  input: WantedRole.safeExtend({
    email: Email,
    departments: z.array(Id).max(50).default([]),
    days: z.int().min(1).max(30).default(7),
  }),
  async run(context, { email, departments, days, ...wanted }) {
    const { tx, actor, event, send } = context
    const place = { ...(await getWantedRole(tx, wanted)), departments }
    mustInvite(actor, place)
    for (const id of departments) await getDepartment(tx, id)
    if ((await findUserByEmail(tx, email)) !== undefined) {
      throw new Refusal('conflict', `email: ${email} belongs to somebody already.`, 'Use another address.')
    }
    const invited = await invite(context, { ...place, email, lifeMs: days * DAY_MS, invitedBy: actor.id })
    const { invitationId, token, expiresAt } = invited
    send('mail', { to: email, letter: 'invitation', fields: { inviter: actor.name, token, expiresAt } })
    const { role, customRole } = place
    const payload = { email, role, departments, ...(customRole !== undefined && { customRole: customRole.name }) }
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

type StoredPlace = Pick<Selectable<InvitationTable>, 'role' | 'customRoleId' | 'departments'>

/** What an invitation makes somebody. */
export async function placeOf(read: Read, { role, customRoleId, departments }: StoredPlace): Promise<Place> {
  const holder = customRoleId === null ? { role } : await getCustomRole(read, customRoleId)
  return { ...holder, departments: placesIn(read, departments) }
}

/** An earlier invitation to the same address stops working. The token is returned once and cannot be read again. */
export async function invite(
  { tx, now, newId }: CommandContext,
  {
    email,
    role,
    customRole,
    departments,
    lifeMs,
    invitedBy,
  }: Place & { email: string; lifeMs: number; invitedBy: string | null },
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
      customRoleId: customRole?.id ?? null,
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
    mustInvite(actor, await placeOf(tx, found))
    await tx.deleteFrom('invitation').where('id', '=', invitationId).execute()
    const payload = { email: found.email }
    await event({ subject: 'invitation', subjectId: invitationId, type: 'invitation-revoked', payload })
  },
})

/** Throws `Refusal('conflict')` where the disk has damaged it: nobody joins without what they were invited to. */
export function placesIn(read: Read, departments: string): string[] {
  const places = parsedAs(read, departments, 'The departments of an invitation', (json) => Departments.parse(json))
  if (places !== null) return places
  throw new Refusal(
    'conflict',
    'This invitation is damaged in the database.',
    'Ask whoever invited you for another one.',
  )
}

const Departments = z.array(z.string())
