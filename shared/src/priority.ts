/** How urgent a ticket is, from least to most. */
import { z } from 'zod'

export const Priority = z.enum(['low', 'medium', 'high', 'urgent'])
export type Priority = z.infer<typeof Priority>

/** 0 for the least urgent. */
export function rankOf(priority: Priority): number {
  return Priority.options.indexOf(priority)
}
