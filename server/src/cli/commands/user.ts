import { resetMfa } from '../reset-mfa.ts'
import { configOf, withDataDir, withExamples, type AddCommand, type DataDirOption } from '../options.ts'

export const addUser: AddCommand = (program, environment) => {
  const user = program.command('user').description('help somebody who cannot help themselves')
  const resetting = user
    .command('reset-mfa [email]')
    .description('take away a lost second step; every session of the person ends. The server must be stopped')
    .option('--all', 'in place of an address: of everybody, when the key of their secrets is lost')
  withExamples(withDataDir(resetting), {
    'rejoin user reset-mfa ada@example.com': 'Ada signs in with her password alone, and sets it up again',
    'rejoin user reset-mfa --all': 'so does everybody: secret.key is gone, and no backup has it',
  }).action(async (email: string | undefined, { all = false, ...options }: DataDirOption & { all?: boolean }) =>
    resetMfa(configOf(environment, options), { all, ...(email !== undefined && { email }) }),
  )
}
