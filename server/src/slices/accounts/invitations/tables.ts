import type { Role } from '@rejoin/shared/access/access.ts'

/** A link by which the owner of an address signs up. */
export interface InvitationTable {
  id: string
  email: string
  role: Role
  customRoleId: string | null
  /** JSON. */
  departments: string
  /** Of somebody who came of their own accord and is to work here. */
  needsApproval: 0 | 1
  /** Null for a person who registered by themselves. */
  invitedBy: string | null
  tokenHash: string
  createdAt: number
  expiresAt: number
}

declare module '../../../core/storage/db.ts' {
  interface Tables {
    invitation: InvitationTable
  }
}
