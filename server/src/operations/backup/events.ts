/** The events of backups. */
import { z } from 'zod'
import { about, type EventsOf } from '../../core/events.ts'

export const backupEvents = {
  'server-restored': about('server', z.object({ backupAt: z.int(), restoredAt: z.int() })),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof backupEvents> {}
}
