import { Option, type Command } from 'commander'
import { encodingNamed } from '../../core/outside-text.ts'
import { importServicenow, type ImportOptions } from '../../import/servicenow.ts'
import { DATE_ORDERS } from '../../import/written-time.ts'
import { importPeople } from '../people-file.ts'
import {
  configOf,
  withDataDir,
  withExamples,
  withJson,
  type AddCommand,
  type DataDirOption,
  type Environment,
} from '../options.ts'

export const addImport: AddCommand = (program, environment) => {
  const taking = program.command('import').description('take in what another system knows')
  addPeople(taking, environment)
  addServicenow(taking, environment)
}

function addPeople(taking: Command, environment: Environment): void {
  const people = taking
    .command('people <file>')
    .description('add the people of a CSV file with the columns name, email and role, and further ones as exported')
    .addOption(encodingOption())
  withExamples(withDataDir(people), {
    'rejoin import people people.csv': 'adds whoever is not there yet, and mails each a link to choose a password',
    'rejoin import people people.csv --encoding windows-1252': 'takes what Excel on Windows saves as plain "CSV"',
  }).action(async (file: string, { encoding, ...options }: DataDirOption & EncodingOption) =>
    importPeople(configOf(environment, options), file, encoding),
  )
}

function addServicenow(taking: Command, environment: Environment): void {
  const servicenow = taking
    .command('servicenow <file>')
    .description('take in a ServiceNow incident log: CSV, plain or gzipped, one row for each update of an incident')
    .option('--dry-run', 'say what an import would do, and write nothing')
    .addOption(encodingOption())
    .addOption(new Option('--dates <order>', 'whether dates begin with the day or the month').choices([...DATE_ORDERS]))
  withExamples(withJson(withDataDir(servicenow)), {
    'rejoin import servicenow incidents.csv.gz --dry-run': 'reports what it would take in, and which rows it would not',
  }).action(async (file: string, options: ImportOptions & DataDirOption) =>
    importServicenow(configOf(environment, options), file, options),
  )
}

interface EncodingOption {
  readonly encoding?: string
}

function encodingOption(): Option {
  return new Option(
    '--encoding <name>',
    'of a file without a byte order mark; as delivered, UTF-8. Excel on Windows writes windows-1252 in Western Europe',
  ).argParser(encodingNamed)
}
