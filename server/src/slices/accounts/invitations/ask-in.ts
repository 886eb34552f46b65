/** Mailing somebody who has no password, and from now on may sign in, a link to choose one. */
import type { CommandContext } from '../../../core/command.ts'
import type { Tx } from '../../../core/storage/db.ts'
import { isSent } from '../../../core/outbox/outbox.ts'
import { findUserByEmail } from '../queries.ts'
import { sendInvitation } from './invite.ts'
import { membershipOfMember } from './member.ts'

/** An address that reaches nobody (RFC 2606), as people from the log of another system have. */
export function reachesNobody(email: string): boolean {
  return /\.invalid$/i.test(email)
}

/** Whether there is an invitation now. */
export async function askIn(context: CommandContext, email: string): Promise<boolean> {
  const member = await findUserByEmail(context.tx, email)
  if (member === undefined || reachesNobody(email)) return false
  await sendInvitation(context, { ...membershipOfMember(context.tx, member), email })
  return true
}

/** The note for an answer when no mail server is configured: invitations wait. */
export async function whyLettersWait(tx: Tx): Promise<{ note?: string }> {
  return (await isSent(tx, 'mail')) ? {} : { note: LETTERS_WAIT }
}

export const LETTERS_WAIT =
  'No mail server is configured (REJOIN_SMTP_URL), so invitations wait. For a link to hand over, call ' +
  'invitations.create with the same address, or run "rejoin user reset-password <email>".'
