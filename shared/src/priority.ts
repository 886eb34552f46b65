/** How urgent a ticket is, from least to most. */
import { z } from 'zod'

export const Priority = z.enum(['low', 'medium', 'high', 'urgent'])
export type Priority = z.infer<typeof Priority>
