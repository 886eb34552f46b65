import { initialise } from '../initialise.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addInit: AddCommand = (program, environment) => {
  const command = program
    .command('init')
    .description('create the data directory and its database, and print the setup link; "serve" does the same')
  withExamples(withJson(withDataDir(command)), {
    'rejoin init --data-dir /var/lib/rejoin': 'checks the data directory and the settings before the first start',
  }).action((options: DataDirOption & { json?: true }) => initialise(configOf(environment, options), options))
}
