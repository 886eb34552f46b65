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
  const user = program.command('user').description('help a person who cannot sign in')
  addResetMfa(user, environment)
  addResetPassword(user, environment)
}

function addResetMfa(user: Command, environment: Environment): void {
  const command = user
    .command('reset-mfa [email]')
    .description('remove the second step of a person and end their sessions; the server may run')
    .option('--all', 'instead of an email: for everybody, if the secret key is lost; the server must be stopped')
  withExamples(withDataDir(command), {
    'rejoin user reset-mfa ada@example.com': 'Ada signs in with her password alone and can set up a new second step',
    'rejoin user reset-mfa --all': 'the same for everybody, if secret.key is lost and no backup has it',
  }).action((email: string | undefined, { all = false, ...options }: DataDirOption & { all?: boolean }) =>
    resetMfa(configOf(environment, options), { all, email }),
  )
}

function addResetPassword(user: Command, environment: Environment): void {
  const command = user
    .command('reset-password <email>')
    .description('print a link to set a new password, if email does not arrive; the server may run')
  withExamples(withDataDir(command), {
    'rejoin user reset-password ada@example.com': 'prints a link that works once, for one hour',
  }).action((email: string, options: DataDirOption) => resetPassword(configOf(environment, options), email))
}
