import { exportPeopleTo } from '../people-file.ts'
import { configOf, withDataDir, withExamples, type AddCommand, type DataDirOption } from '../options.ts'

export const addExport: AddCommand = (program, environment) => {
  const people = program
    .command('export')
    .description('write down what this one knows')
    .command('people [file]')
    .description('write everybody as CSV, to the file or to standard output. The server must be stopped')
    .option('--no-bom', 'leave out the byte order mark, by which a spreadsheet knows that the file is UTF-8')
  withExamples(withDataDir(people), {
    'rejoin export people people.csv': 'a file that `rejoin import people` takes, and a spreadsheet opens safely',
  }).action(async (file: string | undefined, options: DataDirOption & { readonly bom: boolean }) =>
    exportPeopleTo(configOf(environment, options), file, options),
  )
}
