/** What of lists is read in a thread: a text may be in any title, so that each is looked at. */
import { report, type ReadContext } from '../core/reports.ts'
import type { TicketFilter } from './lists.ts'

export const searchReport = report({
  name: 'tickets.search',
  what: 'text',
  hint: 'Look for it among fewer tickets: of a department, a requester, a tag, or those that are open.',
  must: () => undefined,
  read: async (context: ReadContext, filter: TicketFilter) => (await import('./lists.ts')).pageOf(context, filter),
})
