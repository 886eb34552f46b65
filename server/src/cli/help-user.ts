/** `rejoin user …`: helps people who cannot sign in when no administrator can help them. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { resetSecondSteps } from '../slices/accounts/mfa/rules.ts'
import type { App } from '../app.ts'
import type { Config } from '../operations/config/config.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { print } from '../core/runtime/terminal.ts'
import { askServer } from './operator-door.ts'
import { perform, type OperatorTask } from './operator-tasks.ts'
import { withApp } from './with-app.ts'

export interface ResetMfaOptions {
  readonly email: string | undefined
  readonly all: boolean
}

/** For one person, or for `all`, while no server runs. Throws `Refusal` if the person is unknown. */
export async function resetMfa(config: Config, { email, all }: ResetMfaOptions): Promise<void> {
  if ((email === undefined) !== all) {
    throw new Refusal('invalid', 'Give the email address of one person, or --all for everybody.')
  }
  if (email === undefined) print(await withApp(config, resetAll, { isKeyLost: true }))
  else print(await performThere(config, { task: 'reset-second-step', email }))
}

async function resetAll({ commits }: App): Promise<string> {
  const { output } = await commits.commitOrThrow(resetSecondSteps, undefined, { actorId: SYSTEM_ID })
  return `${output} people sign in with the password alone until they set up a second step again.\n`
}

/** Prints a link. Throws `Refusal` if the person is unknown or disabled. */
export async function resetPassword(config: Config, email: string): Promise<void> {
  print(await performThere(config, { task: 'password-link', email }))
}

/** Runs the task in the server that runs on the data directory, or here if there is none. */
async function performThere(config: Config, task: OperatorTask): Promise<string> {
  return (await askServer(config.dataDir, task)) ?? withApp(config, (app) => perform(app, task))
}
