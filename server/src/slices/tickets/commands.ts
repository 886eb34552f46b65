/** Every command about tickets, by its name on the wire. */
import type { TicketCommandName } from '@rejoin/shared/tickets/commands.ts'
import type { AnyCommand } from '../../core/command.ts'
import { assignTicket, claimTicket, moveTicket, unassignTicket } from './commands/assign.ts'
import { addComment, logWork } from './commands/comments.ts'
import { createTicket } from './commands/create.ts'
import { editTicket } from './commands/edit.ts'
import { tagTicket, untagTicket, unwatchTicket, watchTicket } from './commands/labels.ts'
import { cancelTicket, closeTicket, reopenTicket, resolveTicket, transitionTicket } from './commands/status.ts'
import { writeText } from './commands/text.ts'

export const TICKET_COMMANDS: Record<TicketCommandName, AnyCommand> = {
  'ticket.create': createTicket,
  'ticket.edit': editTicket,
  'ticket.claim': claimTicket,
  'ticket.assign': assignTicket,
  'ticket.unassign': unassignTicket,
  'ticket.move': moveTicket,
  'ticket.transition': transitionTicket,
  'ticket.resolve': resolveTicket,
  'ticket.reopen': reopenTicket,
  'ticket.close': closeTicket,
  'ticket.cancel': cancelTicket,
  'ticket.tag': tagTicket,
  'ticket.untag': untagTicket,
  'ticket.watch': watchTicket,
  'ticket.unwatch': unwatchTicket,
  'comment.add': addComment,
  'work.log': logWork,
  'text.write': writeText,
}
