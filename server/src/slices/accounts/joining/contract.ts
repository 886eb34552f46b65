/** The operations by which people join: invitations, and registering of their own accord. */
import { z } from 'zod'
import { Role } from '@rejoin/shared/access/access.ts'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { asciiDomain, Email } from '@rejoin/shared/email.ts'
import { Id, Instant } from '@rejoin/shared/tickets/ticket.ts'
import { pageBy } from '../../../core/input/paging.ts'
import { Password } from '../passwords/strength.ts'
import { ByAge } from '../people/contract.ts'
import { Name } from '../people/fields.ts'
import { WantedRole } from '../roles/contract.ts'
import { Token } from '../tokens.ts'

/** For how many days an invitation lasts unless it says so. */
export const DAYS = 7

const Domain = z
  .string()
  .trim()
  .transform((written, context) => {
    const domain = asciiDomain(written)
    if (domain !== null) return domain
    context.addIssue({ code: 'custom', message: 'is not a domain such as example.com' })
    return z.NEVER
  })

/** `domain`: people with an address at one of `domains`, exactly. */
export const RegistrationPolicy = z.discriminatedUnion('policy', [
  z.strictObject({ policy: z.literal('open') }),
  z.strictObject({ policy: z.literal('domain'), domains: z.array(Domain).min(1).max(100) }),
  z.strictObject({ policy: z.literal('closed') }),
])
export type RegistrationPolicy = z.output<typeof RegistrationPolicy>

const Departments = z.object({ departments: z.array(z.object({ id: z.string(), name: z.string() })) })

export const registrationForm = declareQuery({
  name: 'accounts.registrationForm',
  input: pageBy({ name: z.string() }).prefault({}),
  output: z.discriminatedUnion('policy', [
    Departments.extend({ policy: z.literal('open') }),
    Departments.extend({ policy: z.literal('domain'), domains: z.array(z.string()) }),
    Departments.extend({ policy: z.literal('closed') }),
  ]),
  action: 'public',
  codes: [],
  rest: 'GET /registration-form',
  doc: 'The policy for registering, and where anybody may register the departments to choose from.',
})

export const setRegistration = declare({
  name: 'registration.set-policy',
  input: RegistrationPolicy,
  output: z.void(),
  action: 'registration.set-policy',
  codes: [],
  rest: 'PUT /registration-policy',
  answer: 'accounts.registrationForm',
  doc: 'Sets who may register: everybody, people with an address at some domains, or nobody.',
})

export const register = declare({
  name: 'registration.ask',
  input: z.strictObject({
    email: Email,
    role: z.enum(['requester', 'agent', 'supervisor']).default('requester'),
    /** In which somebody who is not a requester wants to work. */
    departmentId: Id.optional(),
  }),
  output: z.void(),
  action: 'public',
  codes: ['forbidden', 'not-found', 'department-disabled'],
  guard: 'registration',
  rest: 'POST /registrations',
  doc: 'Asks to join. The answer is the same whether or not the address has an account; a link goes there by email.',
})

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
  doc: 'Joins by the link of an invitation, once, with a name and a password.',
})
