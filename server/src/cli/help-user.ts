/** `rejoin user …`: for whoever cannot help themselves, and nobody is left to ask. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { resetSecondStep } from '../accounts/mfa/rules.ts'
import { handOutReset } from '../accounts/passwords/reset.ts'
import { findUserByEmail } from '../accounts/queries.ts'
import type { Config } from '../config.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { withApp } from './with-app.ts'

const AS_SYSTEM = { actorId: SYSTEM_ID }

/** Throws `Refusal` for somebody unknown, and while a server runs on the data directory. */
export async function resetMfa(config: Config, email: string): Promise<void> {
  await withApp(config, async ({ read, commits }) => {
    const user = await findUserByEmail(read, email)
    if (user === undefined) throw new Refusal('not-found', `Nobody has the address ${email}.`, 'Check it.')
    await commits.commitOrThrow(resetSecondStep, { userId: user.id }, AS_SYSTEM)
    process.stdout.write(`${email} signs in with the password alone, until they set up a second step again.\n`)
  })
}

/** Prints a link. Throws `Refusal` for somebody unknown or disabled, and while a server runs on the data directory. */
export async function resetPassword(config: Config, email: string): Promise<void> {
  await withApp(config, async ({ commits }) => {
    const { output } = await commits.commitOrThrow(handOutReset, { email }, AS_SYSTEM)
    const until = new Date(output.expiresAt).toISOString()
    process.stdout.write(
      `${email} sets a new password by this link, once, until ${until}:\n\n  ${config.publicUrl}/reset-password#${output.token}\n\n`,
    )
  })
}
