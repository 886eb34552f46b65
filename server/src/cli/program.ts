/**
 * The command line: every command, the help, shell completion, and the one place that turns an error into a sentence
 * and an exit code. A command is a file in `commands/`, and a line here.
 */
import { inspect } from 'node:util'
import addCompletion from '@bomb.sh/tab/commander'
import { Command, CommanderError } from 'commander'
import { Refusal } from '@rejoin/shared/errors.ts'
import { oneLine } from '@rejoin/shared/visible.ts'
import { ConfigError } from '../core/input/setting.ts'
import { readVersion, versionLine } from '../operations/version.ts'
import { addBackup } from './commands/backup.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExport } from './commands/export.ts'
import { addImport } from './commands/import.ts'
import { addInit } from './commands/init.ts'
import { addMigrate } from './commands/migrate.ts'
import { addRestore } from './commands/restore.ts'
import { addSchema } from './commands/schema.ts'
import { addServe } from './commands/serve.ts'
import { addSla } from './commands/sla.ts'
import { addUser } from './commands/user.ts'
import { addVersion } from './commands/version.ts'
import { EXIT, EXIT_CODES } from './exit-codes.ts'
import type { AddCommand, Environment } from './options.ts'
import { printError, print } from '../core/runtime/terminal.ts'

const HINT = '(run "rejoin help" for the commands)'

/** In the order in which the help lists them. */
const COMMANDS: readonly AddCommand[] = [
  addServe,
  addInit,
  addMigrate,
  addBackup,
  addRestore,
  addDoctor,
  addSla,
  addUser,
  addImport,
  addExport,
  addDemo,
  addVersion,
  addSchema,
]

/** Runs the command in `argv`, in Node's form. Resolves with the exit code. */
export async function runCommandLine(argv: readonly string[], environment: Environment): Promise<number> {
  // Files that the program creates are for its own user only.
  process.umask(0o077)
  const program = commandLine(environment)
  try {
    await program.parseAsync(argv)
    return Number(process.exitCode ?? EXIT.done)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    if (error instanceof Refusal || error instanceof ConfigError) {
      report(error, argv.includes('--json'))
      return EXIT.failed
    }
    printError(`Rejoin has met a bug: ${inspect(error)}\n`)
    return EXIT.crashed
  }
}

export function commandLine(environment: Environment): Command {
  const program = new Command('rejoin')
    .description('Local-first ticketing server: agents work offline and their changes merge when they reconnect.')
    .version(versionLine(readVersion()))
    .showHelpAfterError(HINT)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: printError })
    .addHelpText('after', EXIT_CODES)
  for (const add of COMMANDS) add(program, environment)
  addCompletion(program)
  return program
}

/** A sentence and a hint for a person; for a program that asked for JSON, the code as well. */
function report(error: Refusal | ConfigError, isJson: boolean): void {
  const { message } = error
  const { code, hint } = error instanceof Refusal ? error : { code: 'invalid', hint: undefined }
  if (isJson) print(`${JSON.stringify({ ok: false, error: { code, message, hint } })}\n`)
  const text = `${message}${hint === undefined ? '' : ` ${hint}`}`
  printError(`${error instanceof Refusal ? oneLine(text) : text}\n`)
}
