import type { Config } from '../../config.ts'
import { resetMfa, resetPassword } from '../help-user.ts'
import { configOf, withDataDir, withExamples, type AddCommand, type DataDirOption } from '../options.ts'

interface Help {
  readonly name: string
  readonly description: string
  readonly example: string
  readonly run: (config: Config, email: string) => Promise<void>
}

const HELP: readonly Help[] = [
  {
    name: 'reset-mfa',
    description: 'take away a lost second step; every session of the person ends. The server must be stopped',
    example: 'Ada signs in with her password alone, and sets it up again',
    run: resetMfa,
  },
  {
    name: 'reset-password',
    description: 'print a link for a new password, where mail does not arrive. The server must be stopped',
    example: 'a link that Ada opens within the hour, once the server runs again',
    run: resetPassword,
  },
]

export const addUser: AddCommand = (program, environment) => {
  const user = program.command('user').description('help somebody who cannot help themselves')
  for (const { name, description, example, run } of HELP) {
    const command = withDataDir(user.command(`${name} <email>`).description(description))
    withExamples(command, { [`rejoin user ${name} ada@example.com`]: example }).action(
      async (email: string, options: DataDirOption) => run(configOf(environment, options), email),
    )
  }
}
