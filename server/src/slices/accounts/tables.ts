import type { Role } from '@rejoin/shared/access/access.ts'
import type { ErrorCode } from '@rejoin/shared/errors.ts'

export type EndCode = Extract<ErrorCode, 'account-disabled'>

export interface UserTable {
  id: string
  /** `CUS-0001` for a person who signed up as a requester, `TEC-0001` for others; a later change of role keeps it. */
  number: string
  name: string
  email: string
  /** The built-in role; with a custom role, its base. */
  role: Role
  customRoleId: string | null
  status: 'pending' | 'active' | 'disabled'
  /** A PHC string; null for a person who cannot sign in, such as one known from an import. */
  passwordHash: string | null
  phone: string | null
  locale: string | null
  zone: string | null
  /** The organisation they belong to; SLA policies match it, so only an administrator sets it. */
  organisation: string | null
  createdAt: number
  /** When the person's role or departments last changed: before that they had other rights. */
  scopeSeq: number
}

export interface MembershipTable {
  userId: string
  departmentId: string
  isHead: 0 | 1
}

export interface SessionTable {
  /** SHA-256 of the token, in hex. The token itself is with the client only. */
  id: string
  userId: string
  createdAt: number
  expiresAt: number
  /** Why the session ended before its time; null while it has not. A client that still uses its token is told so. */
  endCode: EndCode | null
  /** Its owner's name for the place where they signed in. */
  device: string | null
  /** When and from where it was last used, to within a few minutes. */
  lastSeenAt: number | null
  address: string | null
  userAgent: string | null
}

/** A request for a new password; whether the address is anybody's is not known yet. */
export interface ResetRequestTable {
  email: string
  requestedAt: number
}

export interface PasswordResetTable {
  userId: string
  tokenHash: string
  expiresAt: number
}

/** The networks from which a person has signed in. */
export interface SignInPlaceTable {
  userId: string
  network: string
  lastAt: number
}

declare module '../../core/storage/db.ts' {
  interface Tables {
    user: UserTable
    membership: MembershipTable
    session: SessionTable
    signInPlace: SignInPlaceTable
    resetRequest: ResetRequestTable
    passwordReset: PasswordResetTable
  }
}
