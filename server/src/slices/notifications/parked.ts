/** Tells supervisors that a device brought something which they have to decide about. */
import { z } from 'zod'
import { Id } from '@rejoin/shared/values.ts'
import { command } from '../../core/command.ts'
import { findReceipt } from '../../core/commit/receipts.ts'
import { unmetOf } from '../parked/queries.ts'
import { findTicket } from '../tickets/queries.ts'
import { notify } from './reaction.ts'

/**
 * Not of what waits for something else that they have to decide, or is decided together with it. Work that parks on
 * arrival is no event: its receipt tells of it.
 */
export const tellOfParked = command({
  name: 'notification.tell-of-parked',
  input: z.object({ commandId: Id }),
  async run(context, { commandId }) {
    const { tx, effectiveAt, now: recordedAt } = context
    const receipt = findReceipt(tx, commandId)
    const ticket = findTicket(tx, receipt?.subjectId ?? '')
    if (receipt === undefined || ticket === undefined || receipt.code === 'group') return
    if ((await unmetOf(tx, receipt)).some(({ outcome }) => outcome === 'parked')) return
    const { name, actorId, code, message } = receipt
    const payload = { commandId, name, authorId: actorId, code, message }
    const about = { subject: 'ticket', subjectId: ticket.id } as const
    await notify(context, { ...about, type: 'command-parked', actorId, effectiveAt, recordedAt, payload })
  },
})
