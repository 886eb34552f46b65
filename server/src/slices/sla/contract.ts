/** The commands on the clock of a ticket. */
import { z } from 'zod'
import { declare } from '@rejoin/shared/contract/declare.ts'
import { Reason } from '@rejoin/shared/tickets/ticket.ts'
import { Id } from '@rejoin/shared/values.ts'

const OneClock = z.strictObject({ clockId: Id })

export const acknowledge = declare({
  name: 'sla.acknowledge',
  input: OneClock,
  output: z.void(),
  action: 'sla.acknowledge',
  codes: ['conflict'],
  rest: 'POST /sla/clocks/{clockId}/acknowledge',
  doc: 'Acknowledges a clock: its further levels send no notifications, except the deadline.',
})

export const excuse = declare({
  name: 'sla.excuse',
  input: OneClock.extend({ reason: Reason }),
  output: z.void(),
  action: 'sla.excuse',
  codes: ['conflict'],
  rest: 'POST /sla/clocks/{clockId}/excuse',
  doc: 'Excuses the breach of a clock with a reason: reports count it apart.',
})
