/** The parts of a guard against guessing, and how long the next attempt has to wait. */
import { createHash } from 'node:crypto'
import type { AuditFacts } from '../../audit.ts'
import type { Read } from '../../storage/db.ts'

export interface Pace {
  /** Attempts without a wait. */
  readonly free: number
  /** After these, each attempt waits twice as long as the one before, from `firstMs` to `longestMs`. */
  readonly firstMs: number
  readonly longestMs: number
}

/** By the audit's fact of an attempt that failed. */
export type GuardKind = {
  [Type in keyof AuditFacts]: Type extends `${infer Kind}-failed` ? Kind : never
}[keyof AuditFacts]

export interface Guard<Input> {
  /** The kind of attempt, such as `sign-in`: attempts of one kind do not slow down another. */
  readonly kind: GuardKind
  /** Whom an attempt is about, known or not; null where it is about nobody. */
  account(input: Input, asked: { read: Read; now: number; actorId: string }): string | null | Promise<string | null>
  /** The person behind an account, for the audit log. */
  findPerson(read: Read, account: string): string | undefined | Promise<string | undefined>
  readonly perAccount: Pace
  readonly perAddress: Pace
}

/** Counts expire after this time. */
export const FORGOTTEN_AFTER_MS = 24 * 3_600_000

/** How long the next attempt has to wait after `count` of them. */
export function waitAfter({ free, firstMs, longestMs }: Pace, count: number): number {
  return count < free ? 0 : Math.min(longestMs, firstMs * 2 ** (count - free))
}

/** A person may type anything as an account, even a password, so only its hash is kept. */
export function hidden(account: string): string {
  return createHash('sha256').update(account.normalize('NFKC').toLowerCase()).digest('hex')
}
