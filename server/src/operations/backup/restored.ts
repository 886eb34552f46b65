/** The changes to a database that comes back from a backup, in one command, before anybody connects to it. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { command } from '../../core/command.ts'

/**
 * Starts a new epoch, by which devices notice that they may know more than the server, and sets aside the waiting
 * messages: they may have gone out since the backup, and no letter may go out twice by itself.
 */
export const beginAnew = command({
  name: 'server.restored',
  input: z.object({ backupAt: z.int() }),
  async run({ tx, event, now }, { backupAt }) {
    const epoch = randomBytes(9).toString('base64url')
    await tx.updateTable('meta').set({ value: epoch }).where('key', '=', 'epoch').execute()
    const waiting = await tx
      .updateTable('outbox')
      .set({
        setAside: 'unknown',
        lastError: 'The server was restored from a backup; this message may have been sent since.',
      })
      .where('sentAt', 'is', null)
      .where('setAside', 'is', null)
      .executeTakeFirst()
    await event({
      type: 'server-restored',
      subject: 'server',
      subjectId: epoch,
      payload: { backupAt, restoredAt: now },
    })
    return { epoch, setAside: Number(waiting.numUpdatedRows) }
  },
})
