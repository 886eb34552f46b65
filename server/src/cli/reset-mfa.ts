/** `rejoin user reset-mfa`: for an administrator who has lost their own second step, and nobody is left to ask. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { resetSecondStep, resetSecondSteps } from '../accounts/mfa/rules.ts'
import { findUserByEmail } from '../accounts/queries.ts'
import { openApp, type App } from '../app.ts'
import type { Config } from '../config.ts'
import { createLog } from '../core/log.ts'
import { SYSTEM_ID } from '../core/ids.ts'

const AS_SYSTEM = { actorId: SYSTEM_ID }

/** Of one person, or of `all`. Throws `Refusal` for somebody unknown, and while a server runs on the data directory. */
export async function resetMfa(config: Config, { email, all }: { email?: string; all: boolean }): Promise<void> {
  if ((email === undefined) !== all) {
    throw new Refusal('invalid', 'Name one person by their address, or everybody by --all.')
  }
  const app = await openApp(config, { log: createLog(config.logLevel, process.stderr), isKeyLost: all })
  try {
    process.stdout.write(email === undefined ? await resetAll(app) : await resetOne(app, email))
  } finally {
    await app.close()
  }
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
