import { fillWithDemo } from '../fill-with-demo.ts'
import { configOf, withDataDir, withExamples, withJson, type AddCommand, type DataDirOption } from '../options.ts'

export const addDemo: AddCommand = (program, environment) => {
  const command = program
    .command('demo')
    .description('add sample people and tickets to an empty workspace. Stop the server first')
  withExamples(withJson(withDataDir(command)), {
    'rejoin init --data-dir /tmp/demo && rejoin demo --data-dir /tmp/demo':
      'makes a demo workspace; then run "rejoin serve" there and sign in as sue@demo.invalid',
  }).action((options: DataDirOption & { json?: true }) => fillWithDemo(configOf(environment, options), options))
}
