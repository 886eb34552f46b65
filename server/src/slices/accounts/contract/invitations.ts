/** The operations on invitations. */
import { z } from 'zod'
import { Role } from '@rejoin/shared/access/access.ts'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Email } from '@rejoin/shared/email.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { ByAge } from '../by-age.ts'
import { Password } from './fields.ts'
import { Name } from './fields.ts'
import { WantedRole } from './roles.ts'
import { Token } from '../tokens.ts'

/** For how many days an invitation lasts unless it says so. */
export const DAYS = 7

export const create = declare({
  name: 'invitation.create',
  input: WantedRole.safeExtend({
    email: Email,
    departments: z.array(Id).max(50).default([]),
    days: z.int().min(1).max(30).default(DAYS),
  }),
  output: z.object({ invitationId: z.string(), token: z.string(), expiresAt: Instant }),
  action: 'user.invite',
  codes: ['conflict', 'department-disabled'],
  keeps: 'nothing',
  rest: 'POST /invitations',
  doc: 'Invites a person by email into a role and departments. A person without a password is invited as what they are.',
})

export const list = declareQuery({
  name: 'invitations.list',
  input: ByAge,
  output: z.array(
    z.object({
      id: z.string(),
      email: z.string(),
      role: Role,
      customRoleId: z.string().nullable(),
      customRoleName: z.string().nullable(),
      /** Ids. */
      departments: z.array(z.string()).readonly(),
      /** Null for a person who came of their own accord, and for the operator. */
      invitedBy: z.string().nullable(),
      createdAt: Instant,
      expiresAt: Instant,
    }),
  ),
  action: 'user.invite',
  // One that the disk has damaged.
  codes: ['conflict'],
  rest: 'GET /invitations',
  doc: 'The open invitations that the reader could have made, the oldest first, without their links.',
})

export const revoke = declare({
  name: 'invitation.revoke',
  input: z.strictObject({ invitationId: Id }),
  output: z.void(),
  action: 'user.invite',
  codes: ['conflict'],
  rest: 'DELETE /invitations/{invitationId}',
  answer: 'invitations.list',
  doc: 'Revokes an open invitation: its link stops working.',
})

export const verify = declareQuery({
  name: 'invitations.verify',
  input: z.strictObject({ token: Token }),
  output: z.object({ email: z.string(), role: Role, expiresAt: Instant, name: z.string().nullable() }).nullable(),
  action: 'public',
  codes: [],
  // A token does not belong in an address, which proxies and logs keep.
  rest: null,
  doc: 'The address and role that a link of an invitation is for; null when the link does not work.',
})

export const accept = declare({
  name: 'invitation.accept',
  input: z.strictObject({ token: Token, name: Name, password: Password }),
  output: z.object({ userId: z.string(), status: z.enum(['pending', 'active']) }),
  action: 'public',
  codes: ['bad-link', 'conflict'],
  rest: 'POST /invitations/accept',
  doc: 'Signs up by the link of an invitation, once, with a name and a password.',
})
