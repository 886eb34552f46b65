/**
 * The commands about tickets, by the name of the procedure and of the SDK's method. The server's slice implements them.
 * A change that refuses input accepted before is a new version of the schemas, and a step of `upcast.ts`.
 */
import { assignTicket, claimTicket, transferTicket, unassignTicket } from './commands/assign.ts'
import { addComment, logWork } from './commands/comments.ts'
import { createTicket } from './commands/create.ts'
import { editTicket } from './commands/edit.ts'
import { tagTicket, untagTicket, unwatchTicket, watchTicket } from './commands/labels.ts'
import { cancelTicket, closeTicket, reopenTicket, resolveTicket, transitionTicket } from './commands/status.ts'
import { writeText } from './commands/text.ts'

export const ticketCommands = {
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
}
