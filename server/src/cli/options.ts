/** The common parts of the operator's commands: their options, the reading of settings, and their examples. */
import { Option, type Command } from 'commander'
import { readConfig, type Config } from '../operations/config/config.ts'
import { encodingNamed } from '../core/input/outside-text.ts'
import { printError } from '../core/runtime/terminal.ts'
import { findSettings } from '../operations/config/settings-file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Adds a command to the program or to a group of commands. */
export type AddCommand = (parent: Command, environment: Environment) => void

/** The data directory, and the settings file. */
export interface DataDirOption {
  readonly dataDir?: string
  readonly envFile?: string
}

export interface JsonOption {
  readonly json?: true
}

export function withDataDir(command: Command): Command {
  return command
    .option('--data-dir <folder>', 'data directory, instead of REJOIN_DATA_DIR')
    .option('--env-file <file>', 'settings file, instead of rejoin.env in the data directory or /etc/rejoin.env')
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object, for errors too')
}

export interface EncodingOption {
  readonly encoding?: string
}

export function encodingOption(): Option {
  return new Option(
    '--encoding <name>',
    'encoding of a file without a byte order mark (default: UTF-8); Excel on Windows in Western Europe writes windows-1252',
  ).argParser(encodingNamed)
}

/** Examples after the help of a command: the line to type, and its purpose. */
export function withExamples(command: Command, examples: Readonly<Record<string, string>>): Command {
  const lines = Object.entries(examples).map(([line, what]) => `  ${line}\n      ${what}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

/**
 * The settings of the environment and the settings file, overridden by the options of the command. Names the file on
 * standard error. Throws `ConfigError`.
 */
export function configOf(
  environment: Environment,
  { dataDir, envFile }: DataDirOption,
  { isServer = false }: { isServer?: boolean } = {},
): Config {
  const asked = { ...(dataDir !== undefined && { dataDir }), ...(envFile !== undefined && { envFile }), isServer }
  const settings = findSettings(environment, asked)
  printError(`${settings.summary}\n`)
  return readConfig(settings.environment)
}
