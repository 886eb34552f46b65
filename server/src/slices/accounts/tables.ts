import type { Role } from '@rejoin/shared/access/access.ts'
import type { ErrorCode } from '@rejoin/shared/errors.ts'

export type EndCode = Extract<ErrorCode, 'account-disabled'>

export interface UserTable {
  id: string
  /** `CUS-0001` of who came as a requester, `TEC-0001` of everybody else; it stays whatever they become. */
  number: string
  name: string
  email: string
  /** Of whoever has a custom role, its base. */
  role: Role
  customRoleId: string | null
  status: 'pending' | 'active' | 'disabled'
  /** A PHC string; null for somebody who cannot sign in, such as a person known from an import. */
  passwordHash: string | null
  phone: string | null
  locale: string | null
  zone: string | null
  /** Whom they belong to; SLA policies ask for it, so it is an administrator's to say. */
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
  /** Why it is over before its time; null while it is not. Whoever still comes with its token is told so. */
  endCode: EndCode | null
  /** What its owner calls the place where they signed in. */
  device: string | null
  /** When and from where it was last used, to within a few minutes. */
  lastSeenAt: number | null
  address: string | null
  userAgent: string | null
}

/** Somebody asked for a new password; whether the address is anybody's is not known yet. */
export interface ResetRequestTable {
  email: string
  requestedAt: number
}

export interface PasswordResetTable {
  userId: string
  tokenHash: string
  expiresAt: number
}

/** From which networks somebody has signed in. */
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
