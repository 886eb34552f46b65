/** The kind of documents that tickets are. */
import { grantsOf, may, relationsOf } from '../access/access.ts'
import { byName } from '../contract/tables.ts'
import type { DocumentKind } from '../contract/kind.ts'
import { ticketCommands } from './commands.ts'
import { TICKET_SHAPE } from './shape.ts'
import { TicketView } from './ticket.ts'

export const ticketKind: DocumentKind<TicketView> = {
  ...TICKET_SHAPE,
  name: 'ticket',
  view: TicketView,
  commands: byName(ticketCommands),
  idField: 'ticketId',
  may(actor, action, view) {
    // The device holds the ticket, so a right under `held` is a right here.
    if (grantsOf(actor, action).includes('held')) return true
    const watcherIds = view.watchers.map((watcher) => watcher.userId)
    return may(actor, action, relationsOf(actor, { ...view, watcherIds }))
  },
}
