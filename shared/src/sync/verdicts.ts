/** What became of a command. Every queued command ends with exactly one verdict. */
import { z } from 'zod'

export const Outcome = z.enum(['applied', 'adjusted', 'parked', 'refused'])
export type Outcome = z.infer<typeof Outcome>

export const Verdict = z.object({
  /** The id of the command that was judged. */
  id: z.uuid(),
  outcome: Outcome,
  /** Why, as a code of the error table or of an adjustment; absent when simply applied. */
  code: z.string().optional(),
  /** A sentence for the author. */
  message: z.string().optional(),
  /** What to do next. */
  hint: z.string().optional(),
})
export type Verdict = z.infer<typeof Verdict>

/** Why the server applied a command with a change that its author should know of. */
export type AdjustmentCode =
  | 'already-done'
  | 'already-resolved'
  | 'closed-meanwhile'
  | 'reopened-meanwhile'
  | 'newer-value-stands'
  | 'higher-priority-stands'
  | 'added-meanwhile'
  | 'credited-after-reassignment'
  | 'backdated-too-far'
  | 'other-department'
