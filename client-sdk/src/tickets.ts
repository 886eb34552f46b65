/** The device's commands as methods. Each resolves when the command is durable on the device, not when it is decided. */
import { v7 } from 'uuid'
import type { DeviceCommandName, InputOf } from '@rejoin/shared/tickets/commands.ts'
import type { Status } from '@rejoin/shared/statuses.ts'

export type Send = <Name extends DeviceCommandName>(name: Name, input: InputOf<Name>) => Promise<string>

type NewTicket = Omit<InputOf<'ticket.create'>, 'ticketId'>
type FieldsToSet = InputOf<'ticket.edit'>['set']

export type Tickets = ReturnType<typeof ticketsOver>

/** Ids are minted here, so that what is done offline cannot be done twice. `now` in epoch ms. */
export function ticketsOver(send: Send, now: () => number) {
  const mint = () => v7({ msecs: Math.trunc(now()) })
  const onTicket = (name: 'ticket.claim' | 'ticket.unassign' | 'ticket.close') => (ticketId: string) =>
    send(name, { ticketId })
  const comment = (visibility: 'public' | 'internal') => (ticketId: string, body: string) =>
    send('comment.add', { ticketId, commentId: mint(), body, visibility })
  const transition = (ticketId: string, to: Status, reason?: string) =>
    send('ticket.transition', { ticketId, to, ...(reason !== undefined && { reason }) })

  return {
    /** Resolves with the new ticket's id; its number comes with the server's verdict. */
    async create(ticket: NewTicket): Promise<string> {
      const ticketId = mint()
      await send('ticket.create', { ...ticket, ticketId })
      return ticketId
    },
    edit: (ticketId: string, set: FieldsToSet) => send('ticket.edit', { ticketId, set }),
    /** A comment that the requester reads. */
    comment: comment('public'),
    /** A comment for staff only. */
    note: comment('internal'),
    claim: onTicket('ticket.claim'),
    assign: (ticketId: string, agentId: string) => send('ticket.assign', { ticketId, agentId }),
    unassign: onTicket('ticket.unassign'),
    move: (ticketId: string, departmentId: string) => send('ticket.move', { ticketId, departmentId }),
    transition,
    start: (ticketId: string) => transition(ticketId, 'in_progress'),
    resolve: (ticketId: string, { resolution }: { resolution: string }) =>
      send('ticket.resolve', { ticketId, resolution }),
    reopen: (ticketId: string, reason?: string) =>
      send('ticket.reopen', { ticketId, ...(reason !== undefined && { reason }) }),
    close: onTicket('ticket.close'),
    cancel: (ticketId: string, reason?: string) =>
      send('ticket.cancel', { ticketId, ...(reason !== undefined && { reason }) }),
    tag: (ticketId: string, tag: string) => send('ticket.tag', { ticketId, tag }),
    untag: (ticketId: string, tag: string) => send('ticket.untag', { ticketId, tag }),
    /** Without `userId`, for the device's person. */
    watch: (ticketId: string, userId?: string) =>
      send('ticket.watch', { ticketId, ...(userId !== undefined && { userId }) }),
    unwatch: (ticketId: string, userId?: string) =>
      send('ticket.unwatch', { ticketId, ...(userId !== undefined && { userId }) }),
    logWork: (ticketId: string, { minutes, note }: { minutes: number; note?: string }) =>
      send('work.log', { ticketId, workId: mint(), minutes, ...(note !== undefined && { note }) }),
  }
}
