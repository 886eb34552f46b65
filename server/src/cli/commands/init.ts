import { initialise } from '../initialise.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addInit: AddCommand = (program, environment) => {
  const command = program
    .command('init')
    .description('make the data directory and its database, and say what to do next; "serve" does so as well')
  withExamples(withJson(withDataDir(command)), {
    'rejoin init --data-dir /var/lib/rejoin': 'shows early whether the place and the settings are right',
  }).action(async (options: DataDirOption & { json?: true }) => initialise(configOf(environment, options), options))
}
