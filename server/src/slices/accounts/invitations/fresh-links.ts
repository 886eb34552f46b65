/**
 * The links in letters that waited. A letter whose link was revoked, replaced or used meanwhile is withdrawn. The time
 * of an invitation begins when its letter goes out; any other letter whose link has expired is set aside, with the reason.
 */
import { z } from 'zod'
import { command } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import type { Messages, Read } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { Undelivered, Withdrawn, type Sender } from '../../../core/outbox/outbox.ts'
import { hashToken } from '../tokens.ts'

type Mail = Messages['mail']

/** An invitation with less time than this is of no use to anybody. */
const SHORT_MS = 3_600_000

/** The time that it had, from now. Null where it was used, replaced or revoked. */
const renewInvitation = command({
  name: 'invitation.renew',
  input: z.strictObject({ tokenHash: z.string() }),
  async run({ tx, now }, { tokenHash }): Promise<number | null> {
    const found = await tx.selectFrom('invitation').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst()
    if (found === undefined) return null
    const expiresAt = now + found.expiresAt - found.createdAt
    await tx.updateTable('invitation').set({ createdAt: now, expiresAt }).where('id', '=', found.id).execute()
    return expiresAt
  },
})

export function withFreshLinks(
  sender: Sender<Mail>,
  { read, commits, now }: { read: Read; commits: Pick<Commits, 'commitOrThrow'>; now: () => number },
): Sender<Mail> {
  async function fresh(mail: Mail): Promise<Mail> {
    if (!(await hasItsLink(read, mail))) throw new Withdrawn('The link in this email was revoked, replaced or used.')
    if (mail.letter === 'invitation' && mail.fields.expiresAt <= now() + SHORT_MS) {
      const input = { tokenHash: hashToken(mail.fields.token) }
      const { output: expiresAt } = await commits.commitOrThrow(renewInvitation, input, { actorId: SYSTEM_ID })
      if (expiresAt !== null) return { ...mail, fields: { ...mail.fields, expiresAt } }
    }
    if ('expiresAt' in mail.fields && mail.fields.expiresAt <= now()) throw ended(mail.fields.expiresAt)
    return mail
  }
  return {
    ...sender,
    deliver: async ({ id, payload }, signal) => sender.deliver({ id, payload: await fresh(payload) }, signal),
  }
}

/** Whether the link in the letter is there, though it may have expired. True for a letter without one. */
async function hasItsLink(read: Read, { fields, letter }: Mail): Promise<boolean> {
  if (!('token' in fields)) return true
  const table = letter === 'reset' ? 'passwordReset' : 'invitation'
  const links = read.selectFrom(table).select('tokenHash').where('tokenHash', '=', hashToken(fields.token))
  return (await links.executeTakeFirst()) !== undefined
}

function ended(at: number): Undelivered {
  const message = `The link in this email ended at ${new Date(at).toISOString()}, before the email could be sent.`
  return new Undelivered('rejected', `${message} Discard the email; the person can ask for a new link.`)
}
