/** The form of a person's fields and of their password. */
import { z } from 'zod'
import { visibleName } from '@rejoin/shared/names.ts'

export const Password = z.string().min(10, 'must have at least 10 characters').max(200)

export const Name = visibleName(120)
export const Organisation = visibleName(200)
export const Locale = z.string().max(35).refine(isLocale, 'is not a language tag such as de-AT')
export const Phone = z
  .string()
  .trim()
  .regex(/^\+?[0-9][0-9 ()/.-]{3,30}$/, 'is not a telephone number such as +43 1 234567')

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
