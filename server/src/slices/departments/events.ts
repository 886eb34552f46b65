/** The events of departments. */
import { z } from 'zod'
import { about, type EventsOf } from '../../core/events.ts'

export const departmentEvents = {
  'department-created': about('department', z.object({ name: z.string() })),
  'department-renamed': about('department', z.object({ from: z.string(), to: z.string() })),
  'department-enabled': about('department'),
  'department-disabled': about('department'),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof departmentEvents> {}
}
