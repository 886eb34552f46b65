/** The building blocks for a slice's settings: forms of values, each with the message for a value that does not fit. */
import { Cron } from 'croner'
import { z } from 'zod'
import { readText } from './outside-text.ts'

/** The settings of one slice or room, by the names of their variables. The reader of the configuration joins them. */
export type ValuesOf<Fragment extends z.ZodRawShape> = z.output<z.ZodObject<Fragment>>

/** The configuration cannot be used; the message names each variable and its fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export const CronPattern = z.string().refine(isCronPattern, 'is not a cron pattern such as "*/30 * * * * *"')

/** In decimal digits: `0x10` and `1e3` are mistakes. */
export function wholeNumber(range: z.ZodNumber) {
  const digits = z
    .string()
    .trim()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
  return digits.transform(Number).pipe(range)
}

/** The text of the file at a path: this keeps a secret out of the environment. */
export const FileText = z.string().transform((path, context) => {
  try {
    return readText(path, { hint: 'Save it as UTF-8.' }).trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.addIssue({ code: 'custom', message: `cannot be read: ${reason}` })
    return z.NEVER
  }
})

function isCronPattern(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRun() !== null
  } catch {
    return false
  }
}
