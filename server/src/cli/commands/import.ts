import type { Command } from 'commander'
import { importServicenow, type ImportOptions } from '../../import/servicenow.ts'
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
  withExamples(withDataDir(people), {
    'rejoin import people people.csv': 'adds whoever is not there yet, and mails each a link to choose a password',
  }).action(async (file: string, options: DataDirOption) => importPeople(configOf(environment, options), file))
}

function addServicenow(taking: Command, environment: Environment): void {
  const servicenow = taking
    .command('servicenow <file>')
    .description('take in a ServiceNow incident log: CSV, plain or gzipped, one row for each update of an incident')
    .option('--dry-run', 'say what an import would do, and write nothing')
  withExamples(withJson(withDataDir(servicenow)), {
    'rejoin import servicenow incidents.csv.gz --dry-run': 'reports what it would take in, and which rows it would not',
  }).action(async (file: string, options: ImportOptions & DataDirOption) =>
    importServicenow(configOf(environment, options), file, options),
  )
}
