/** Tasks of the operator for people who cannot sign in, in this process or in a running server. */
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { resetSecondStep } from '../slices/accounts/mfa/rules.ts'
import { handOutReset } from '../slices/accounts/passwords/reset.ts'
import { findUserByEmail } from '../slices/accounts/queries.ts'
import type { App } from '../app.ts'
import { SYSTEM_ID } from '../core/ids.ts'

export const OperatorTask = z.strictObject({
  task: z.enum(['password-link', 'reset-second-step']),
  email: z.string().max(1000),
})
export type OperatorTask = z.output<typeof OperatorTask>

const AS_SYSTEM = { actorId: SYSTEM_ID }

const WHOSE_LINK =
  'REJOIN_PUBLIC_URL is not set: replace the beginning of the link with the address that people open.\n'

/** Returns the text to print. Throws `Refusal`. */
export function perform(app: App, { task, email }: OperatorTask): Promise<string> {
  return task === 'password-link' ? passwordLink(app, email) : withoutSecondStep(app, email)
}

async function passwordLink({ commits, config }: App, email: string): Promise<string> {
  const { output } = await commits.commitOrThrow(handOutReset, { email }, AS_SYSTEM)
  const until = new Date(output.expiresAt).toISOString()
  const link = `${config.publicUrl}/reset-password#${output.token}`
  return `${email} can set a new password with this link, once, until ${until}:\n\n  ${link}\n\n${config.isPublicUrlSet ? '' : WHOSE_LINK}`
}

async function withoutSecondStep({ read, commits }: App, email: string): Promise<string> {
  const user = await findUserByEmail(read, email)
  if (user === undefined) throw new Refusal('not-found', `No account has the address ${email}.`, 'Check the address.')
  await commits.commitOrThrow(resetSecondStep, { userId: user.id }, AS_SYSTEM)
  if (user.passwordHash === null) {
    return `${email} has no password and no second step. For a link to choose a password, run "rejoin user reset-password ${email}".\n`
  }
  return `${email} signs in with the password alone until they set up a second step again.\n`
}
