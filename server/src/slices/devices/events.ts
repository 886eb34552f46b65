/** The events of devices. */
import { z } from 'zod'
import { about, type EventsOf } from '../../core/events.ts'

export const deviceEvents = {
  'device-renamed': about('device', z.object({ name: z.string() })),
  'device-revoked': about('device'),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof deviceEvents> {}
}
