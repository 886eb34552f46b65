/** The command about parked work that a device may queue: taking one's own back. */
import { z } from 'zod'
import { declare } from '../contract/declare.ts'
import { aboutNoDocument } from '../contract/on-device.ts'
import { Id } from '../values.ts'

export const withdrawParked = aboutNoDocument(
  declare({
    name: 'parked.withdraw',
    input: z.strictObject({ commandId: Id }),
    output: z.void(),
    action: 'signed-in',
    codes: ['not-found', 'conflict'],
    rest: 'POST /parked/{commandId}/withdraw',
    doc: 'Takes back a parked command of one’s own, so that nobody has to decide about it.',
  }),
)

export const parkedCommands = { withdraw: withdrawParked }
