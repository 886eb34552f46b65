/** What the commands about tickets do, by the keys of `shared/src/tickets/commands.ts` and by their name on the wire. */
import { byName } from '@rejoin/shared/contract/tables.ts'
import type { TicketCommandName } from '@rejoin/shared/commands.ts'
import type { ticketCommands } from '@rejoin/shared/tickets/commands.ts'
import type { Serving } from '../../core/api/router-of.ts'
import type { AnyCommand } from '../../core/command.ts'
import { assignTicket, claimTicket, transferTicket, unassignTicket } from './commands/assign.ts'
import { addComment, logWork } from './commands/comments.ts'
import { createTicket } from './commands/create.ts'
import { editTicket } from './commands/edit.ts'
import { tagTicket, untagTicket, unwatchTicket, watchTicket } from './commands/labels.ts'
import { cancelTicket, closeTicket, reopenTicket, resolveTicket, transitionTicket } from './commands/status.ts'
import { writeText } from './commands/text.ts'

export const ticketProcedures = {
  create: createTicket,
  edit: editTicket,
  writeText,
  comment: addComment,
  logWork,
  claim: claimTicket,
  assign: assignTicket,
  unassign: unassignTicket,
  move: transferTicket,
  transition: transitionTicket,
  resolve: resolveTicket,
  reopen: reopenTicket,
  close: closeTicket,
  cancel: cancelTicket,
  tag: tagTicket,
  untag: untagTicket,
  watch: watchTicket,
  unwatch: unwatchTicket,
} satisfies Serving<typeof ticketCommands>

export const TICKET_COMMANDS: Readonly<Record<TicketCommandName, AnyCommand>> = byName(ticketProcedures)
