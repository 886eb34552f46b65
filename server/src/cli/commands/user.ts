import { resetMfa } from '../reset-mfa.ts'
import { configOf, withDataDir, withExamples, type AddCommand, type DataDirOption } from '../options.ts'

export const addUser: AddCommand = (program, environment) => {
  const user = program.command('user').description('help somebody who cannot help themselves')
  const resetting = user
    .command('reset-mfa <email>')
    .description('take away a lost second step; every session of the person ends. The server must be stopped')
  withExamples(withDataDir(resetting), {
    'rejoin user reset-mfa ada@example.com': 'Ada signs in with her password alone, and sets it up again',
  }).action(async (email: string, options: DataDirOption) => resetMfa(configOf(environment, options), email))
}
