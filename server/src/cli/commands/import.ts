import { Option, type Command } from 'commander'
import { importServicenow, type ImportOptions } from '../import/servicenow.ts'
import { DATE_ORDERS } from '../import/written-time.ts'
import { importPeople } from '../people-file.ts'
import {
  configOf,
  encodingOption,
  withDataDir,
  withExamples,
  withJson,
  type AddCommand,
  type DataDirOption,
  type EncodingOption,
  type Environment,
} from '../options.ts'

export const addImport: AddCommand = (program, environment) => {
  const taking = program.command('import').description('import data from another system')
  addPeople(taking, environment)
  addServicenow(taking, environment)
}

function addPeople(taking: Command, environment: Environment): void {
  const people = taking
    .command('people <file>')
    .description('add people from a CSV file with the columns name, email and role; others as in the export')
    .addOption(encodingOption())
  withExamples(withDataDir(people), {
    'rejoin import people people.csv': 'adds people who have no account yet and emails each an invitation',
    'rejoin import people people.csv --encoding windows-1252':
      'reads a file that Excel on Windows saved as plain "CSV"',
  }).action((file: string, { encoding, ...options }: DataDirOption & EncodingOption) =>
    importPeople(configOf(environment, options), file, encoding),
  )
}

function addServicenow(taking: Command, environment: Environment): void {
  const servicenow = taking
    .command('servicenow <file>')
    .description('import a ServiceNow incident log: CSV, plain or gzipped, one row per update of an incident')
    .option('--dry-run', 'print what the import would do; change nothing')
    .addOption(encodingOption())
    .addOption(new Option('--dates <order>', 'order of day and month in dates').choices([...DATE_ORDERS]))
  withExamples(withJson(withDataDir(servicenow)), {
    'rejoin import servicenow incidents.csv.gz --dry-run': 'reports the rows it would import and those it would skip',
  }).action((file: string, options: ImportOptions & DataDirOption) =>
    importServicenow(configOf(environment, options), file, options),
  )
}
