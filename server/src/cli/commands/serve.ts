import { serve } from '../serve.ts'
import { configOf, withDataDir, withExamples, type AddCommand, type DataDirOption } from '../options.ts'

export const addServe: AddCommand = (program, environment) => {
  const command = withDataDir(program.command('serve').description('run the server'))
  withExamples(command, {
    'rejoin serve': 'listens on http://127.0.0.1:4700; data in ./rejoin-data',
    'REJOIN_PORT=8080 rejoin serve --data-dir /var/lib/rejoin': 'uses another port and another data directory',
  }).action((options: DataDirOption) => serve(configOf(environment, options, { isServer: true })))
}
