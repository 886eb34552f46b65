/** The events of parked work: about its ticket, or about the command itself where there is no such ticket. */
import { z } from 'zod'
import { Outcome } from '@rejoin/shared/sync/verdicts.ts'
import { about, type EventsOf } from '../../core/events.ts'

const command = z.object({
  commandId: z.string(),
  name: z.string(),
  authorId: z.string(),
  code: z.string().nullish(),
  message: z.string().nullish(),
})

export const parkedEvents = {
  'command-parked': about(['ticket', 'command'], command.extend({ outcome: Outcome.optional() })),
  'command-decided': about(['ticket', 'command'], command.extend({ outcome: Outcome })),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof parkedEvents> {}
}
