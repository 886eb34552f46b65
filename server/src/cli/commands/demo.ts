import { fillWithDemo } from '../fill-with-demo.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addDemo: AddCommand = (program, environment) => {
  const command = program
    .command('demo')
    .description('fill an empty data directory with a few people and tickets to look at; the server must be stopped')
  withExamples(withJson(withDataDir(command)), {
    'rejoin init --data-dir /tmp/demo && rejoin demo --data-dir /tmp/demo':
      'then run "rejoin serve" there, and sign in as sue@demo.invalid',
  }).action(async (options: DataDirOption & { json?: true }) => fillWithDemo(configOf(environment, options), options))
}
