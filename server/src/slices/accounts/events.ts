/** The events of people, their rights, their roles and their invitations. */
import { z } from 'zod'
import { Role, type Grants } from '@rejoin/shared/access/access.ts'
import { about, type EventsOf } from '../../core/events.ts'

const id = z.string()
const ids = z.array(id).readonly()
const fields = z.record(z.string(), z.unknown())
/** Not cell by cell: a role of an earlier version may name an action that is no more. */
const grants = z.custom<Grants>(
  (value) => typeof value === 'object' && value !== null && Object.values(value).every(Array.isArray),
)
const sides = z.object({ name: z.string(), grants })

const rights = z.object({
  role: Role.or(z.literal('system')),
  customRole: z.object({ id, name: z.string(), grants }).readonly().optional(),
  departments: ids,
})

/** The account as it was typed is hidden where it is nobody's. */
const attempted = about('user', z.object({ account: z.string().nullable() }))

export const accountEvents = {
  'user-created': about(
    'user',
    z.object({
      name: z.string(),
      role: Role,
      departments: ids,
      organisation: z.string().nullish(),
      customRoleId: id.optional(),
    }),
  ),
  'user-joined': about('user', z.object({ name: z.string(), role: Role, status: z.enum(['active', 'pending']) })),
  'user-edited': about(
    'user',
    z.object({ fields: z.array(z.string()).readonly(), from: fields.optional(), to: fields.optional() }),
  ),
  /** Both sides, from which `rightsAt` reads what somebody could do at any time. */
  'user-rights-changed': about('user', z.object({ from: rights, to: rights })),
  'user-organisation-set': about('user', z.object({ from: z.string().nullable(), to: z.string().nullable() })),
  'user-disabled': about('user'),
  'user-enabled': about('user'),
  'user-approved': about('user'),
  'user-rejected': about('user', z.object({ reason: z.string().nullable() })),
  'people-imported': about('user', z.object({ added: z.number(), there: z.number(), leftOut: z.number() })),
  'people-exported': about('user', z.object({ people: z.number() })),
  'password-changed': about('user'),
  'password-reset-sent': about('user'),
  'password-reset-handed-out': about('user'),
  'password-reset': about('user'),
  'invitation-sent': about(
    'invitation',
    z.object({ email: z.string(), role: Role, departments: ids, customRole: z.string().optional() }),
  ),
  'invitation-revoked': about('invitation', z.object({ email: z.string() })),
  'role-created': about('role', z.object({ base: Role, to: sides })),
  'role-edited': about('role', z.object({ base: Role, from: sides, to: sides })),
  'role-removed': about('role', z.object({ base: Role, from: sides })),
  'department-head-set': about('department', z.object({ userId: id, isHead: z.boolean() })),
}

/** What only the audit log records. */
export const accountFacts = {
  'sign-in-failed': attempted,
  'second-step-failed': attempted,
  'password-reset-failed': attempted,
  'registration-failed': attempted,
  'session-started': about('user', z.object({ session: id, device: id.optional() })),
  'session-ended': about('user', z.object({ session: id })),
  'api-token-created': about(
    'user',
    z.object({ id, name: z.string(), scopes: z.array(z.string()).readonly(), expiresAt: z.number() }),
  ),
  'api-token-revoked': about('user', z.object({ id, name: z.string() })),
  'second-step-enrolled': about('user'),
  'second-step-removed': about('user'),
  'recovery-codes-renewed': about('user'),
  /** From when on the role needs one; null: it does not. */
  'second-step-rule-set': about('role', z.object({ requiredAt: z.number().nullable() })),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof accountEvents> {}
}

declare module '../../core/audit.ts' {
  interface AuditFacts extends EventsOf<typeof accountFacts> {}
}
