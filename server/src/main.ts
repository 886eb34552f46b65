/** The command line: serve, and the operator's commands. An error is one sentence and what to do, with exit code 1. */
import { Command, InvalidArgumentError } from 'commander'
import { Refusal } from '@rejoin/shared/errors.ts'
import { ConfigError, readConfig } from './config.ts'
import type { AuditHead } from './core/audit.ts'
import { doctor, type DoctorOptions } from './doctor.ts'
import { importServicenow, type ImportOptions } from './import/servicenow.ts'
import { resetMfa } from './reset-mfa.ts'
import { exportPeopleTo, importPeople } from './people-file.ts'
import { printSchema } from './schema.ts'
import { serve } from './serve.ts'
import { readVersion, versionLine } from './version.ts'

const program = new Command('rejoin')
  .description('A local-first ticketing backend: agents carry their queue offline and merge when they rejoin.')
  .version(versionLine(readVersion()))
  .showHelpAfterError('(run "rejoin help" for the commands)')

program
  .command('serve')
  .description('run the server')
  .action(async () => serve(readConfig(process.env)))

program
  .command('version')
  .description('print the version, and the commit that it was built from')
  .option('--json', 'print them as one JSON object')
  .action(({ json }: { json?: true }) => {
    const version = readVersion()
    process.stdout.write(`${json === true ? JSON.stringify(version) : versionLine(version)}\n`)
  })

program
  .command('doctor')
  .description('check the data on disk; exit code 2 when something is wrong')
  .option('--json', 'print the findings as one JSON object')
  .option('--audit-head <head>', 'a head of the audit log that was noted before, as number:hash', auditHead)
  .action(async (options: DoctorOptions) => {
    if (!(await doctor(readConfig(process.env), options))) process.exitCode = 2
  })

program
  .command('schema')
  .description('print the schema that the migrations make')
  .action(async () => void process.stdout.write(await printSchema()))

program
  .command('user')
  .description('help somebody who cannot help themselves')
  .command('reset-mfa <email>')
  .description('take away a lost second step; every session of the person ends. The server must be stopped')
  .action(async (email: string) => resetMfa(readConfig(process.env), email))

const taking = program.command('import').description('take in what another system knows')

taking
  .command('people <file>')
  .description('add the people of a CSV file with the columns name, email and role, and further ones as exported')
  .action(async (file: string) => importPeople(readConfig(process.env), file))

program
  .command('export')
  .description('write down what this one knows')
  .command('people [file]')
  .description('write everybody as CSV, to the file or to standard output. The server must be stopped')
  .action(async (file?: string) => exportPeopleTo(readConfig(process.env), file))

taking
  .command('servicenow <file>')
  .description('take in a ServiceNow incident log: CSV, plain or gzipped, one row for each update of an incident')
  .option('--dry-run', 'say what an import would do, and write nothing')
  .option('--json', 'print the report as one JSON object')
  .action(async (file: string, options: ImportOptions) => importServicenow(readConfig(process.env), file, options))

/** Throws `InvalidArgumentError` for what `doctor` has not printed. */
function auditHead(text: string): AuditHead {
  const [, number, hash] = /^(\d+):([0-9a-f]*)$/.exec(text) ?? []
  if (number === undefined || hash === undefined) throw new InvalidArgumentError('It is printed as number:hash.')
  return { number: Number(number), hash }
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = 1
  if (error instanceof Refusal)
    process.stderr.write(`${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}\n`)
  else if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
  else throw error
}
