/** `rejoin user reset-mfa`: for an administrator who has lost their own second step, and nobody is left to ask. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { resetSecondStep } from '../accounts/mfa/rules.ts'
import { findUserByEmail } from '../accounts/queries.ts'
import { openApp } from '../app.ts'
import type { Config } from '../config.ts'
import { createLog } from '../core/log.ts'
import { SYSTEM_ID } from '../core/ids.ts'

/** Throws `Refusal` for somebody unknown, and while a server runs on the data directory. */
export async function resetMfa(config: Config, email: string): Promise<void> {
  const app = await openApp(config, { log: createLog(config.logLevel, process.stderr) })
  try {
    const user = await findUserByEmail(app.read, email)
    if (user === undefined) throw new Refusal('not-found', `Nobody has the address ${email}.`, 'Check it.')
    await app.commits.commitOrThrow(resetSecondStep, { userId: user.id }, { actorId: SYSTEM_ID })
    process.stdout.write(`${email} signs in with the password alone, until they set up a second step again.\n`)
  } finally {
    await app.close()
  }
}
