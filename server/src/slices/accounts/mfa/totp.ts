/** Time-based one-time passwords (RFC 6238), by otpauth; as a QR code, by uqr. */
import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'

const PERIOD_SECONDS = 30
const DIGITS = 6
/** One step to either side, for clocks that differ and people who type slowly. */
const WINDOW = 1

export function newSecret(): string {
  return new Secret({ size: 20 }).base32
}

/** What an authenticator app reads: as an address, and as a picture of it. */
export function invitation(secret: string, email: string): { secret: string; uri: string; svg: string } {
  const uri = totpOf(secret, email).toString()
  return { secret, uri, svg: renderSVG(uri) }
}

/** The time step that the code belongs to; null for a wrong one, and for one that is not after `lastStep`. */
export function stepOf(
  secret: string,
  code: string,
  { now, lastStep }: { now: number; lastStep: number },
): number | null {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: WINDOW })
  if (delta === null) return null
  const step = Math.floor(now / 1000 / PERIOD_SECONDS) + delta
  // No code is taken that is ahead of the clock by more: the last one was, while the clock was wrong.
  const isAhead = lastStep > Math.floor(now / 1000 / PERIOD_SECONDS) + WINDOW
  return step > lastStep || isAhead ? step : null
}

function totpOf(secret: string, label = ''): TOTP {
  return new TOTP({
    issuer: 'Rejoin',
    label,
    secret: Secret.fromBase32(secret),
    period: PERIOD_SECONDS,
    digits: DIGITS,
  })
}
