/** The events of mail that was set aside. */
import { z } from 'zod'
import { about, type EventsOf } from '../../core/events.ts'

const decided = about('mail', z.object({ to: z.string(), letter: z.string(), setAside: z.string().nullable() }))

export const mailEvents = {
  'mail-retried': decided,
  'mail-discarded': decided,
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof mailEvents> {}
}
