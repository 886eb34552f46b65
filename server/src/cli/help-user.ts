/** `rejoin user …`: for whoever cannot help themselves, and nobody is left to ask. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { resetSecondStep, resetSecondSteps } from '../accounts/mfa/rules.ts'
import { handOutReset } from '../accounts/passwords/reset.ts'
import { findUserByEmail } from '../accounts/queries.ts'
import type { App } from '../app.ts'
import type { Config } from '../config.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { withApp } from './with-app.ts'
import { print } from '../core/terminal.ts'

const WHOSE_LINK =
  'REJOIN_PUBLIC_URL is not set: put the address that people open in place of the beginning of the link.\n'

const AS_SYSTEM = { actorId: SYSTEM_ID }

export interface ResetMfaOptions {
  readonly email: string | undefined
  readonly all: boolean
}

/** Of one person, or of `all`. Throws `Refusal` for somebody unknown, and while a server runs on the data directory. */
export async function resetMfa(config: Config, { email, all }: ResetMfaOptions): Promise<void> {
  if ((email === undefined) !== all) {
    throw new Refusal('invalid', 'Name one person by their address, or everybody by --all.')
  }
  const reset = email === undefined ? resetAll : (app: App) => resetOne(app, email)
  print(await withApp(config, reset, { isKeyLost: all }))
}

async function resetOne({ read, commits }: App, email: string): Promise<string> {
  const user = await findUserByEmail(read, email)
  if (user === undefined) throw new Refusal('not-found', `Nobody has the address ${email}.`, 'Check it.')
  await commits.commitOrThrow(resetSecondStep, { userId: user.id }, AS_SYSTEM)
  return `${email} signs in with the password alone, until they set up a second step again.\n`
}

async function resetAll({ commits }: App): Promise<string> {
  const { output } = await commits.commitOrThrow(resetSecondSteps, undefined, AS_SYSTEM)
  return `${output} people sign in with the password alone, until they set up a second step again.\n`
}

/** Prints a link. Throws `Refusal` for somebody unknown or disabled, and while a server runs on the data directory. */
export async function resetPassword(config: Config, email: string): Promise<void> {
  const { output } = await withApp(config, ({ commits }) => commits.commitOrThrow(handOutReset, { email }, AS_SYSTEM))
  const until = new Date(output.expiresAt).toISOString()
  print(
    `${email} sets a new password by this link, once, until ${until}:\n\n  ${config.publicUrl}/reset-password#${output.token}\n\n${config.isPublicUrlSet ? '' : WHOSE_LINK}`,
  )
}
