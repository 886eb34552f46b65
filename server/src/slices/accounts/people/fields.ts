/** What of a person can be written down, and in what form. */
import { z } from 'zod'
import { visibleName } from '@rejoin/shared/names.ts'

export const Name = visibleName(120)
export const Organisation = visibleName(200)
export const Locale = z.string().max(35).refine(isLocale, 'is not a language tag such as de-AT')
export const Zone = z.string().max(60).refine(isZone, 'is not a time zone such as Europe/Vienna')
export const Phone = z
  .string()
  .trim()
  .regex(/^\+?[0-9][0-9 ()/.-]{3,30}$/, 'is not a telephone number such as +43 1 234567')

function isLocale(tag: string): boolean {
  return isAccepted(() => Intl.getCanonicalLocales(tag).length === 1)
}

function isZone(zone: string): boolean {
  return isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '')
}

/** `Intl` throws a `RangeError` for what it does not know. */
function isAccepted(ask: () => boolean): boolean {
  try {
    return ask()
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
