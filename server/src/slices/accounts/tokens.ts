/** Tokens, of sessions and of links in letters: 256 random bits, of which the database has the SHA-256. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'

export const Token = z.string().min(1).max(200)

export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** The same for a link that was used, has run out, or never was. */
export function badLink(): Refusal {
  return new Refusal(
    'bad-link',
    'This link does not work: it was used, has expired, or is incomplete.',
    'Ask for a new link.',
  )
}
