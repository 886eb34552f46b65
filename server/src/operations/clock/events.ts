/** The events of the server's clock. */
import { z } from 'zod'
import { about, type EventsOf } from '../../core/events.ts'

const spans = z.array(z.object({ from: z.int(), byMs: z.int() })).readonly()
/** In which rows a correction was made: those with ids above. */
export const Since = z.object({ event: z.int(), slaEvent: z.int(), slaChoice: z.int() })
export type Since = z.infer<typeof Since>

export const clockEvents = {
  /** It has gone ahead, or the machine slept: a program that starts when it is right again knows by that. */
  'clock-went-ahead': about('server', z.object({ spans })),
  'clock-corrected': about('server', z.object({ spans, until: z.int(), since: Since })),
  'clocks-mended': about('server'),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof clockEvents> {}
}
