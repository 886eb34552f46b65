/** Which tickets a change of policies or calendars applies to: the open ones too, or only those that come after it. */
import { z } from 'zod'

export const ApplyTo = z.enum(['open', 'new']).default('new')
export type ApplyTo = z.output<typeof ApplyTo>
