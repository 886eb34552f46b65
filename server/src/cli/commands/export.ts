import { exportPeopleTo } from '../people-file.ts'
import { configOf, withDataDir, withExamples, type AddCommand, type DataDirOption } from '../options.ts'

export const addExport: AddCommand = (program, environment) => {
  const people = program
    .command('export')
    .description('export data')
    .command('people [file]')
    .description('write all people as CSV to the file, or to standard output. Stop the server first')
    .option('--no-bom', 'omit the byte order mark, which tells spreadsheets that the file is UTF-8')
  withExamples(withDataDir(people), {
    'rejoin export people people.csv': 'a file for spreadsheets and for `rejoin import people`',
  }).action((file: string | undefined, options: DataDirOption & { readonly bom: boolean }) =>
    exportPeopleTo(configOf(environment, options), file, options),
  )
}
