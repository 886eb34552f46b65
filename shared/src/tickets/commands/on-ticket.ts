/** What commands about a ticket have in common: the input that names it, and the aspects that they change. */
import { z } from 'zod'
import { both, declareOn, type Aspects } from '../../contract/on-device.ts'
import { Reason, type TicketView } from '../ticket.ts'
import { Id } from '../../values.ts'

export const declare = declareOn<TicketView>()

export const OnTicket = z.strictObject({ ticketId: Id })
export const WithReason = OnTicket.extend({ reason: Reason.optional() })

/** Who works on a ticket has to be given it first. */
export const STATUS: Aspects = { changes: ['status'], needs: ['status', 'assignee'] }
export const ASSIGNEE = both('assignee')
