import type { Role } from '@rejoin/shared/access/access.ts'

export interface TotpTable {
  userId: string
  /** Sealed for its owner: in base32, as authenticator apps take it. */
  secret: string
  createdAt: number
  /** Null until its owner has shown that their app has it. */
  confirmedAt: number | null
  /** The last time step whose code was taken: neither it nor an earlier one is taken again. */
  lastStep: number
}

export interface RecoveryCodeTable {
  userId: string
  hash: string
}

/** A role whose people sign in with a second step from a time on. */
export interface SecondStepRuleTable {
  role: Role
  requiredAt: number
}

declare module '../../../core/storage/db.ts' {
  interface Tables {
    totp: TotpTable
    recoveryCode: RecoveryCodeTable
    secondStepRule: SecondStepRuleTable
  }
}
