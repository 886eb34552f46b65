/** Commands for tests of the machine itself: they do, fail and edit what they are told to. */
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command } from '@rejoin/server/core/command.ts'
import { Update } from '@rejoin/shared/tickets/commands/text.ts'
import { AddComment } from '@rejoin/shared/tickets/commands/comments.ts'
import { addComment } from '@rejoin/server/slices/tickets/commands/comments.ts'
import type { Origin } from '@rejoin/server/core/commit/ports.ts'

declare module '@rejoin/server/core/storage/db.ts' {
  interface Messages {
    probe: { readonly text: string }
  }
}

/** Adds a comment, writes to every other place a command can write to, and then fails: by a refusal or by a bug. */
export const failLate = command({
  name: 'probe.fail-late',
  input: AddComment.extend({ by: z.enum(['refusal', 'bug']), bytes: Update.optional() }),
  async run(context, { by, bytes: _, ...comment }) {
    await addComment.run(context, comment, undefined)
    const doc = context.edit(comment.ticketId)
    doc.getText('description').insert(0, 'Not to be seen. ')
    context.send('probe', { text: comment.body })
    context.wake('probe')
    if (by === 'refusal') throw new Refusal('conflict', 'No, after all.')
    throw new TypeError('a bug in a command')
  },
})

/** Puts a message into the outbox. */
export const sendProbe = command({
  name: 'probe.send',
  input: z.object({ text: z.string() }),
  async run({ send }, { text }) {
    send('probe', { text })
  },
})

/** From a device that has seen nothing. */
export const asOfDevice: Origin = {
  deviceId: 'a device',
  seen: 0,
  isProven: true,
  subjectId: null,
  incarnations: [],
  basis: [],
  made: { by: 'verdict', effectiveAt: 0, receivedAt: 0, lostAfter: 0 },
}
