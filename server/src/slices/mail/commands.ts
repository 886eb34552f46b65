/** An administrator's decisions about mail that is set aside, and a test letter. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { mustAnywhere } from '../accounts/queries.ts'
import { implement } from '../../core/api/implement.ts'
import type { CommandContext } from '../../core/command.ts'
import { isSent } from '../../core/outbox/outbox.ts'
import * as contract from './contract.ts'
import type { mailEvents } from './events.ts'
import { addressOf } from './queries.ts'

/** Sends a letter to its caller, to see whether mail arrives; `mail.waiting` and `mail.failed` tell its fate. */
export const sendTestMail = implement(contract.sendTest, async ({ tx, actor, send }) => {
  mustAnywhere(actor, 'mail.manage')
  if (!(await isSent(tx, 'mail'))) {
    throw new Refusal(
      'conflict',
      'No mail server is configured, so the email would not be sent.',
      'Set REJOIN_SMTP_URL and REJOIN_MAIL_FROM, and restart the server.',
    )
  }
  const { email: to } = await tx.selectFrom('user').select('email').where('id', '=', actor.id).executeTakeFirstOrThrow()
  send('mail', { to, letter: 'test', fields: {} })
  return { to }
})

/** Sends the letters again, under the Message-ID they had. Letters that are no longer set aside are left alone. */
export const retryMail = implement(contract.retry, async (context, { mailIds }) => {
  const { tx, now } = context
  const ids = await decide(context, mailIds, 'mail-retried')
  await tx
    .updateTable('outbox')
    .set({ setAside: null, attempts: 0, nextAttemptAt: now })
    .where('id', 'in', ids)
    .execute()
  return { retried: ids.length }
})

/** Drops the letters unsent. The event log keeps their recipient and kind. */
export const discardMail = implement(contract.discard, async (context, { mailIds }) => {
  const ids = await decide(context, mailIds, 'mail-discarded')
  await context.tx.deleteFrom('outbox').where('id', 'in', ids).execute()
  return { discarded: ids.length }
})

/** The ids of those that are set aside, with an event for each. */
async function decide(
  { tx, actor, event }: CommandContext,
  ids: readonly string[],
  type: keyof typeof mailEvents,
): Promise<string[]> {
  mustAnywhere(actor, 'mail.manage')
  const rows = await tx
    .selectFrom('outbox')
    .select(['id', 'payload', 'setAside'])
    .where('kind', '=', 'mail')
    .where('id', 'in', [...ids])
    .where('setAside', 'is not', null)
    .execute()
  for (const { id, payload, setAside } of rows) {
    const { to, letter } = addressOf(tx, { id, payload })
    await event({ subject: 'mail', subjectId: id, type, payload: { to, letter, setAside } })
  }
  return rows.map(({ id }) => id)
}
