/**
 * Declarations and implementations that lack a piece, each with the error that the type checker reports: `pnpm check` fails
 * when one of them compiles. Nothing runs this file.
 */
import { z } from 'zod'
import { declare as declareOffice, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { ADDS, declareOn } from '@rejoin/shared/contract/on-device.ts'
import { ticketCommands } from '@rejoin/shared/tickets/commands.ts'
import type { TicketView } from '@rejoin/shared/tickets/ticket.ts'
import { answer, implement } from '@rejoin/server/core/api/implement.ts'
import type { Serving } from '@rejoin/server/core/api/router-of.ts'

const declare = declareOn<TicketView>()
const input = z.strictObject({ ticketId: z.uuid() })
const output = z.void()
const { claim, close } = ticketCommands
const claiming = implement(claim, () => Promise.resolve())
const closing = implement(close, () => Promise.resolve())
const facts = { name: 'a.b', input, output, codes: [], rest: null, doc: '' } as const

// @ts-expect-error -- no action
export const withoutAction = declare({ ...facts, buildsOn: ADDS, predict: null })
// @ts-expect-error -- an action that the access table does not have
export const misspelt = declare({ ...facts, action: 'ticket.resolv', buildsOn: ADDS, predict: null })
// @ts-expect-error -- it does not say what it builds on
export const withoutBasis = declare({ ...facts, action: 'ticket.edit', predict: null })
// @ts-expect-error -- it does not say what a device shows before the verdict
export const withoutPrediction = declare({ ...facts, action: 'ticket.edit', buildsOn: ADDS })
export const mispredicted = declare({
  ...facts,
  action: 'ticket.edit',
  buildsOn: ADDS,
  // @ts-expect-error -- a ticket has no such field
  predict: () => ({ titel: 'x' }),
})
// @ts-expect-error -- the input has no such field
export const mintless = declare({ ...facts, action: 'ticket.edit', buildsOn: ADDS, predict: null, mints: 'commentId' })
// @ts-expect-error -- the error table has no such code
export const miscoded = declareOffice({ ...facts, action: 'signed-in', codes: ['no-such-code'] })
// @ts-expect-error -- a route without a method
export const routeless = declareOffice({ ...facts, action: 'signed-in', rest: '/tickets' })
// @ts-expect-error -- no sentence for the reference page
export const undocumented = declareOffice({ ...facts, action: 'signed-in', doc: undefined })
// @ts-expect-error -- another output than the declared one
export const misanswering = implement(claim, () => Promise.resolve({ isClaimed: true }))
const counted = declareQuery({ ...facts, action: 'signed-in', output: z.object({ count: z.int() }) })
// @ts-expect-error -- another output than the declared one
export const miscounted = answer(counted, () => Promise.resolve({ count: 'one' }))
// @ts-expect-error -- a command without an implementation
export const incomplete = { claim: claiming } satisfies Serving<{ claim: typeof claim; close: typeof close }>
// @ts-expect-error -- the implementation of another command
export const mistaken = { claim: closing } satisfies Serving<{ claim: typeof claim }>
// @ts-expect-error -- an implementation that devices do not know
export const undeclared = { claim: claiming, close: closing } satisfies Serving<{ claim: typeof claim }>
