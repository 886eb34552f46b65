/**
 * The operations on accounts: the first start, signing in, and what people may do. The others are in the contracts of
 * the folders.
 */
import { z } from 'zod'
import { Role } from '@rejoin/shared/access/access.ts'
import { GrantsView } from '@rejoin/shared/access/custom-roles.ts'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { comparable, Email } from '@rejoin/shared/email.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../../core/input/paging.ts'
import { SignedIn } from './sessions.ts'
import { Password } from './fields.ts'
import { Name, Organisation } from './fields.ts'
import { WantedRole } from './roles.ts'
import { DeviceName } from './sessions.ts'
import { Token } from '../tokens.ts'

const Account = z.strictObject({ userId: Id })

/** `note`: why a letter that the command has written waits. */
export const WithNote = z.object({ note: z.string().optional() })

export const NewUser = z.strictObject({
  userId: Id.optional(),
  name: Name,
  email: Email,
  role: Role,
  /** Absent for a person who does not sign in yet. */
  password: Password.optional(),
  departments: z.array(Id).max(50).default([]),
  organisation: Organisation.nullish(),
})

export const setUp = declare({
  name: 'setup.finish',
  input: z.strictObject({
    ...NewUser.pick({ userId: true, name: true, email: true }).shape,
    password: Password,
    token: Token,
  }),
  output: z.object({ userId: z.string(), token: z.string(), expiresAt: Instant }),
  action: 'public',
  codes: ['already-set-up', 'wrong-credentials', 'conflict', 'id-taken'],
  mints: 'userId',
  rest: 'POST /setup',
  doc: 'Makes the first administrator with the setup token that the server printed, and signs them in.',
})

/**
 * Not strict: a client that sends a field more, because it is of another version, must still be able to sign in. The
 * address may be any text: a malformed one finds nobody.
 */
const Credentials = z.object({
  email: z.string().max(1000).transform(comparable),
  password: z.string().max(200),
  device: DeviceName.optional(),
})

export const logIn = declare({
  name: 'session.start',
  input: Credentials,
  output: SignedIn,
  action: 'public',
  codes: ['wrong-credentials'],
  guard: 'sign-in',
  rest: 'POST /sessions',
  doc: 'Signs a person in with address and password. `opens` says whether the token is of a session or leads to the second step.',
})

export const me = declareQuery({
  name: 'accounts.me',
  input: z.void(),
  output: z.object({
    id: z.string(),
    number: z.string(),
    name: z.string(),
    email: z.string(),
    /** The built-in role; with a custom role, its base. */
    role: Role,
    phone: z.string().nullable(),
    locale: z.string().nullable(),
    zone: z.string().nullable(),
    organisation: z.string().nullable(),
    createdAt: Instant,
    customRole: z.object({ id: z.string(), name: z.string(), grants: GrantsView }).nullable(),
    /** Ids of departments. */
    departments: z.array(z.string()),
  }),
  action: 'signed-in',
  codes: [],
  rest: 'GET /me',
  doc: 'The account of the reader, with their role and departments.',
})

export const people = declareQuery({
  name: 'accounts.people',
  input: pageBy({ name: z.string(), id: z.string() })
    .extend({ role: Role.optional(), departmentId: Id.optional() })
    .prefault({}),
  output: z.array(
    z.object({
      id: z.string(),
      number: z.string(),
      name: z.string(),
      email: z.string(),
      role: Role,
      status: z.enum(['pending', 'active', 'disabled']),
      organisation: z.string().nullable(),
      /** The custom role's name. */
      customRole: z.string().nullable(),
    }),
  ),
  action: 'user.list',
  codes: [],
  rest: 'GET /users',
  doc: 'People by name, page by page; those of one role or department where asked.',
})

export const createUser = declare({
  name: 'user.create',
  input: NewUser,
  output: WithNote.extend({ userId: z.string() }),
  action: 'user.create',
  codes: ['conflict', 'department-disabled'],
  mints: 'userId',
  rest: 'POST /users',
  doc: 'Adds a person. A person without a password gets an invitation by email.',
})

export const setRole = declare({
  name: 'user.set-role',
  input: WantedRole.safeExtend({ userId: Id }),
  output: z.void(),
  action: 'user.set-rights',
  codes: ['last-admin'],
  rest: 'PUT /users/{userId}/role',
  doc: 'Gives a person a built-in or a custom role. Nobody gives or takes a right that they do not have.',
})

export const disable = declare({
  name: 'user.disable',
  input: Account,
  output: z.void(),
  action: 'user.disable',
  codes: ['last-admin'],
  rest: 'POST /users/{userId}/disable',
  doc: 'Disables an account: its sessions end at once, and its devices erase their copies of tickets.',
})

export const enable = declare({
  name: 'user.enable',
  input: Account,
  output: WithNote,
  action: 'user.disable',
  codes: ['conflict'],
  rest: 'POST /users/{userId}/enable',
  doc: 'Enables a disabled account. A person without a password gets an invitation by email.',
})
