/** The operations on parked and back-dated work. Withdrawing is shared with devices: `shared/src/parked/commands.ts`. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Reason } from '@rejoin/shared/tickets/ticket.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../core/input/paging.ts'

const OneCommand = z.strictObject({ commandId: Id })

/** Of lists of receipts, which are in the order of their numbers. */
const ReceiptPage = pageBy({ id: Id }).prefault({})

const ReceiptFields = z.object({
  id: z.string(),
  name: z.string(),
  actorId: z.string(),
  actorName: z.string(),
  claimedAt: Instant.nullable(),
  recordedAt: Instant,
})

export const list = declareQuery({
  name: 'parked.list',
  input: ReceiptPage,
  output: z.array(
    ReceiptFields.extend({
      /** As its author sent it; null where the disk has damaged it. */
      input: z.unknown(),
      code: z.string().nullable(),
      message: z.string().nullable(),
      hint: z.string().nullable(),
      ticketId: z.string().nullable(),
      number: z.string().nullable(),
      title: z.string().nullable(),
      /** Commands of one group share their fate. */
      groupId: z.string().nullable(),
      /** The ids of the commands that it depends on. */
      waitsFor: z.array(z.string()),
      effectiveAt: Instant,
    }),
  ),
  action: 'parked.review',
  codes: [],
  rest: 'GET /parked',
  doc: 'The parked commands that the reader may decide, the oldest first.',
})

export const listBackdated = declareQuery({
  name: 'parked.listBackdated',
  input: ReceiptPage,
  output: z.array(
    ReceiptFields.extend({
      ticketId: z.string(),
      number: z.string(),
      title: z.string(),
      /** 1: the clock of the device could not be believed. */
      clockSuspect: z.int(),
    }),
  ),
  action: 'parked.review',
  codes: [],
  rest: 'GET /parked/backdated',
  doc: 'Work that counts from its receipt because it came too late, and whose time the reader may approve, the oldest first.',
})

export const approve = declare({
  name: 'parked.approve',
  input: OneCommand,
  output: z.void(),
  action: 'parked.review',
  // Those of the command that is judged again, beside those of the decision.
  codes: ['conflict', 'no-path', 'reassigned', 'already-assigned', 'superseded', 'department-disabled'],
  rest: 'POST /parked/{commandId}/approve',
  doc: 'Runs a parked command again with the authority of the approver, and what waits for it by its author’s own rights.',
})

export const reject = declare({
  name: 'parked.reject',
  input: OneCommand.extend({ reason: Reason }),
  output: z.void(),
  action: 'parked.review',
  codes: ['conflict'],
  rest: 'POST /parked/{commandId}/reject',
  doc: 'Refuses a parked command for good, with a reason that its author reads.',
})

export const approveBackdated = declare({
  name: 'parked.approve-backdated',
  input: OneCommand,
  output: z.void(),
  action: 'parked.review',
  codes: ['conflict'],
  rest: 'POST /parked/{commandId}/approve-time',
  doc: 'Lets back-dated work count from the time at which it is said to have been done.',
})
