import type { Command } from 'commander'
import { resetMfa, resetPassword } from '../help-user.ts'
import {
  configOf,
  withDataDir,
  withExamples,
  type AddCommand,
  type DataDirOption,
  type Environment,
} from '../options.ts'

export const addUser: AddCommand = (program, environment) => {
  const user = program.command('user').description('help somebody who cannot help themselves')
  addResetMfa(user, environment)
  addResetPassword(user, environment)
}

function addResetMfa(user: Command, environment: Environment): void {
  const command = user
    .command('reset-mfa [email]')
    .description('take away a lost second step; every session of the person ends. The server may run')
    .option(
      '--all',
      'in place of an address: of everybody, when the key of their secrets is lost. The server must be stopped',
    )
  withExamples(withDataDir(command), {
    'rejoin user reset-mfa ada@example.com': 'Ada signs in with her password alone, and sets it up again',
    'rejoin user reset-mfa --all': 'so does everybody: secret.key is gone, and no backup has it',
  }).action(async (email: string | undefined, { all = false, ...options }: DataDirOption & { all?: boolean }) =>
    resetMfa(configOf(environment, options), { all, email }),
  )
}

function addResetPassword(user: Command, environment: Environment): void {
  const command = user
    .command('reset-password <email>')
    .description('print a link for a new password, where mail does not arrive. The server may run')
  withExamples(withDataDir(command), {
    'rejoin user reset-password ada@example.com': 'a link that Ada opens within the hour',
  }).action(async (email: string, options: DataDirOption) => resetPassword(configOf(environment, options), email))
}
