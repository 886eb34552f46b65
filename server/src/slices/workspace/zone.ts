/** The time zone of the workspace. */
import { z } from 'zod'

export const Zone = z.string().max(60).refine(isZone, 'is not a time zone such as Europe/Zurich')

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
