/** Lists of tickets, with a text to look for or without: that may be in any title, so it is looked for in a thread. */
import { report, type ReadContext } from '../../core/reports.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { TicketFilter } from './contract.ts'
import { pageOf } from './lists.ts'

export const searchReport = report({
  name: 'tickets.search',
  what: 'text',
  hint: 'Narrow the search: to a department, a requester, a tag or open tickets.',
  must: () => undefined,
  read: (context: ReadContext, filter: TicketFilter) => pageOf(context, filter),
})

export async function visibleTickets({ reports, ...asker }: QueryContext, filter: TicketFilter) {
  return filter.text === undefined ? pageOf(asker, filter) : await reports.ask(searchReport, asker, filter)
}
