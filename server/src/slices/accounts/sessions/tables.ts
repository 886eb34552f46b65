/** A challenge of a person who has given the right password, and can only take the step that it opens. */
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
