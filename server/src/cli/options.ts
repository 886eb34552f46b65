/** What commands of the operator have in common: their options, how they read the settings, and their examples. */
import type { Command } from 'commander'
import { readConfig, type Config } from '../config.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Adds a command to the program or to a group of commands. */
export type AddCommand = (parent: Command, environment: Environment) => void

export interface DataDirOption {
  readonly dataDir?: string
}

export interface JsonOption {
  readonly json?: true
}

export function withDataDir(command: Command): Command {
  return command.option('--data-dir <folder>', 'the data directory, in place of REJOIN_DATA_DIR')
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object, also for an error')
}

/** Examples after the help of a command: what to type, and what for. */
export function withExamples(command: Command, examples: Readonly<Record<string, string>>): Command {
  const lines = Object.entries(examples).map(([line, what]) => `  ${line}\n      ${what}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

/** The settings, with what the options of the command say in their place. Throws `ConfigError`. */
export function configOf(environment: Environment, { dataDir }: DataDirOption): Config {
  return readConfig(dataDir === undefined ? environment : { ...environment, REJOIN_DATA_DIR: dataDir })
}
