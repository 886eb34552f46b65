/** Somebody who has given the right password, and cannot do anything but what it opens. */
export interface ChallengeTable {
  /** SHA-256 of its token, in hex. */
  id: string
  userId: string
  opens: 'second-step' | 'enrolment'
  device: string | null
  expiresAt: number
}

declare module '../../../core/storage/db.ts' {
  interface Tables {
    challenge: ChallengeTable
  }
}
