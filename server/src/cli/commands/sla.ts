import { replayToOutput } from '../../sla/replay.ts'
import { withExamples, type AddCommand } from '../options.ts'

export const addSla: AddCommand = (program) => {
  const sla = program.command('sla').description('look into SLA clocks')
  const replay = sla.command('replay <file>').description('say what policies would have made of the stories in a file')
  withExamples(replay, {
    'rejoin sla replay stories.json': 'prints one JSON object a line for each story of the file',
  }).action(replayToOutput)
}
