import { OnTicket } from '@rejoin/shared/tickets/commands.ts'
import { mutation, query, router } from '../../core/api/procedures.ts'
import { ticketAuthors } from './authors.ts'
import { assignTicket, claimTicket, moveTicket, unassignTicket } from './commands/assign.ts'
import { addComment, logWork } from './commands/comments.ts'
import { createTicket } from './commands/create.ts'
import { editTicket } from './commands/edit.ts'
import { tagTicket, untagTicket, unwatchTicket, watchTicket } from './commands/labels.ts'
import { QueuePage, TicketFilter, workQueue } from './lists.ts'
import { HistoryOfTicket, OlderOnTicket, ticketComments, ticketHistory, ticketWork } from './pages.ts'
import type { ClockFields } from './projection.ts'
import { ticketById } from './queries.ts'
import { visibleTickets } from './search.ts'
import { cancelTicket, closeTicket, reopenTicket, resolveTicket, transitionTicket } from './commands/status.ts'
import { writeText } from './commands/text.ts'

export const tickets = (clockFields: ClockFields) =>
  router({
    get: query(OnTicket, ticketById(clockFields)),
    comments: query(OlderOnTicket, ticketComments),
    work: query(OlderOnTicket, ticketWork),
    history: query(HistoryOfTicket, ticketHistory),
    authors: query(OnTicket, ticketAuthors),
    list: query(TicketFilter, visibleTickets),
    queue: query(QueuePage, workQueue),
    create: mutation(createTicket),
    edit: mutation(editTicket),
    writeText: mutation(writeText),
    comment: mutation(addComment),
    logWork: mutation(logWork),
    claim: mutation(claimTicket),
    assign: mutation(assignTicket),
    unassign: mutation(unassignTicket),
    move: mutation(moveTicket),
    transition: mutation(transitionTicket),
    resolve: mutation(resolveTicket),
    reopen: mutation(reopenTicket),
    close: mutation(closeTicket),
    cancel: mutation(cancelTicket),
    tag: mutation(tagTicket),
    untag: mutation(untagTicket),
    watch: mutation(watchTicket),
    unwatch: mutation(unwatchTicket),
  })
