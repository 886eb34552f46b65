/**
 * The writes of the machine before it serves: the epoch of a new database, and the setup of this start and its
 * messages.
 */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { command } from './command.ts'
import { leaseClient } from './documents/leases.ts'
import { noteSent, setAsideCutOff } from './outbox/outbox.ts'

/**
 * Gives the database its epoch at the first start and this start its own Yjs client id, and sets aside the attempts
 * that were cut off.
 */
export const start = command({
  name: 'server.start',
  input: z.object({ clientId: z.int(), sends: z.array(z.string()) }),
  async run(context, { clientId, sends }) {
    leaseClient(context, clientId)
    const { tx } = context
    await setAsideCutOff(tx)
    await noteSent(tx, sends)
    await tx
      .insertInto('meta')
      .values({ key: 'epoch', value: randomBytes(9).toString('base64url') })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { value } = await tx.selectFrom('meta').select('value').where('key', '=', 'epoch').executeTakeFirstOrThrow()
    return { epoch: value }
  },
})
