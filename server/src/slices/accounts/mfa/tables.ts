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

/** Somebody who has given the right password, and cannot do anything but what it opens. */
export interface ChallengeTable {
  /** SHA-256 of its token, in hex. */
  id: string
  userId: string
  opens: 'second-step' | 'enrolment'
  device: string | null
  expiresAt: number
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
    challenge: ChallengeTable
    secondStepRule: SecondStepRuleTable
  }
}
