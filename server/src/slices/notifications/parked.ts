/** Tells supervisors that a device brought something which they have to decide about. */
import { z } from 'zod'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { command } from '../../core/command.ts'
import { findReceipt } from '../../core/commit/receipts.ts'
import { unmetOf } from '../parked/queries.ts'
import { findTicket } from '../tickets/queries.ts'
import { membersWho, tellOfTicket } from './reaction.ts'

/** Not of what waits for something else that they have to decide, or is decided together with it. */
export const tellOfParked = command({
  name: 'notification.tell-of-parked',
  input: z.object({ commandId: Id }),
  async run(context, { commandId }) {
    const receipt = findReceipt(context.tx, commandId)
    const ticket = findTicket(context.tx, receipt?.subjectId ?? '')
    if (receipt === undefined || ticket === undefined || receipt.code === 'group') return
    if ((await unmetOf(context.tx, receipt)).some(({ outcome }) => outcome === 'parked')) return
    const { name, actorId, code, message } = receipt
    const event = { type: 'command-parked', actorId, payload: { commandId, name, authorId: actorId, code, message } }
    tellOfTicket(context, ticket, event, await membersWho(context, ticket, 'parked.review'))
  },
})
