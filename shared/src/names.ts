/**
 * Names, and whatever else of one line is told apart by how it reads. A letter with an accent can be written as one
 * character or as two: a name is kept in Unicode's composed form (NFC), so that what reads the same is the same.
 */
import { z } from 'zod'

/** Half of a surrogate pair becomes U+FFFD: nobody can write it down, and no other replica would have it. */
export function composed(text: string): string {
  return text.toWellFormed().normalize('NFC')
}

/** Without space around it, of 1 to `max` UTF-16 code units. */
export function name(max: number): z.ZodString {
  return z.string().overwrite(composed).trim().min(1).max(max)
}
