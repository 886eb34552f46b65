/**
 * Settings come from the environment and one settings file, which every command finds in the same way. Two possible
 * files are refused, and so is one that this user may not read: a backup with other settings than the server's would go
 * to another place, or not be encrypted.
 */
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { ConfigError } from '../../core/input/setting.ts'
import { DEFAULT_DATA_DIR } from '../../core/machine-settings.ts'
import { readEnvText } from './env-file.ts'

const SYSTEM_FILE = '/etc/rejoin.env'
/** The name of the settings file in the data directory. */
export const OWN_FILE = 'rejoin.env'
/** The data directory of the systemd unit: a system file that names no data directory belongs to this one. */
const SYSTEM_DATA_DIR = '/var/lib/rejoin'

export interface Asked {
  /** The value of `--data-dir`. */
  readonly dataDir?: string
  /** The value of `--env-file`. */
  readonly envFile?: string
  /** Whether the command is a server: systemd may have read a file for it that it may not read itself. */
  readonly isServer?: boolean
  readonly systemFile?: string
}

export interface Settings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Names the file that was read, in a line for standard error. */
  readonly summary: string
}

interface EnvFile {
  readonly file: string
  readonly values: Readonly<Record<string, string>>
}

/** The system's settings file: `isMeant` if it belongs to the data directory of this command. */
interface SystemFile extends EnvFile {
  readonly dataDir: string
  readonly isMeant: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** The environment with the file's settings below it. Throws `ConfigError`. */
export function findSettings(environment: Environment, asked: Asked): Settings {
  const { dataDir, envFile } = asked
  const own = dataDir === undefined ? environment : { ...environment, REJOIN_DATA_DIR: dataDir }
  if (envFile !== undefined) {
    const read = readFile(resolve(envFile))
    if (read !== null) return joined(own, read, asked)
    throw new ConfigError(`There is no settings file ${resolve(envFile)}. Check --env-file.`)
  }
  const said = own['REJOIN_DATA_DIR']?.trim() || undefined
  const ofSystem = readSystemFile(environment, said, asked)
  const system = ofSystem?.isMeant === true ? ofSystem : null
  // A command on a machine with a server is about that server, even if the current folder holds other data.
  if (said === undefined && system !== null) return joined(own, system, asked)
  const folder = resolve(said ?? DEFAULT_DATA_DIR)
  const inFolder = readFile(join(folder, OWN_FILE))
  if (inFolder !== null && system !== null) {
    throw new ConfigError(
      `There are two settings files for ${folder}: ${inFolder.file} and ${system.file}. Keep one of them, or name one with --env-file.`,
    )
  }
  const found = inFolder ?? system
  if (found === null) {
    const { file = asked.systemFile ?? SYSTEM_FILE, dataDir: other } = ofSystem ?? {}
    const passed = other === undefined ? `no ${file}` : `${file} is for ${other}`
    return withoutFile(own, `there is no ${join(folder, OWN_FILE)}, and ${passed}`)
  }
  const named = found.values['REJOIN_DATA_DIR']?.trim()
  if (found === inFolder && named && !isSame(named, folder)) {
    throw new ConfigError(`${found.file} names another data directory, ${named}. Remove REJOIN_DATA_DIR from the file.`)
  }
  return joined(own, found, asked)
}

/** The system's file: it is meant if it names the same data directory, or if no other is named. */
function readSystemFile(environment: Environment, said: string | undefined, asked: Asked): SystemFile | null {
  // systemd has already put the file's settings into the environment.
  const isReadBySystemd = asked.isServer === true && environment['INVOCATION_ID'] !== undefined
  const read = readFile(asked.systemFile ?? SYSTEM_FILE, isReadBySystemd)
  if (read === null) return null
  const dataDir = read.values['REJOIN_DATA_DIR']?.trim() || SYSTEM_DATA_DIR
  const values = { ...read.values, REJOIN_DATA_DIR: dataDir }
  return { ...read, values, dataDir, isMeant: said === undefined || isSame(said, dataDir) }
}

/** Whether two paths lead to one folder, also through links. Neither has to exist. */
function isSame(one: string, other: string): boolean {
  return realPath(resolve(one)) === realPath(resolve(other))
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPath(parent), basename(path))
  }
}

function joined(environment: Environment, { file, values }: EnvFile, { dataDir }: Asked): Settings {
  const given = Object.entries(environment).filter(([, value]) => value?.trim() !== '')
  const taken = Object.entries(values).filter(([name]) => name.startsWith('REJOIN_'))
  const isGiven = new Set(given.map(([name]) => name))
  for (const [name, value] of taken) {
    if (isGiven.has(name) || !/_(DIR|FILE)$/.test(name) || value.trim() === '' || isAbsolute(value)) continue
    throw new ConfigError(
      `${file}: ${name}=${value} is a relative path, so it would depend on the folder in which a command runs. Write the absolute path, beginning with /.`,
    )
  }
  const winning = taken.flatMap(([name, value]) => {
    const set = environment[name]
    return isGiven.has(name) && set !== undefined && set !== value ? [name] : []
  })
  const isByOption = (name: string) => name === 'REJOIN_DATA_DIR' && dataDir !== undefined
  const byEnvironment = winning.filter((name) => !isByOption(name))
  const but = [
    ...(byEnvironment.length > 0 ? [`; the environment overrides ${byEnvironment.join(', ')}`] : []),
    ...(winning.some(isByOption) ? ['; --data-dir overrides REJOIN_DATA_DIR'] : []),
  ].join('')
  return {
    environment: { ...Object.fromEntries(taken), ...Object.fromEntries(given) },
    summary: `Settings: ${file}${but}`,
  }
}

function withoutFile(environment: Environment, where: string): Settings {
  const names = Object.keys(environment).filter((name) => name.startsWith('REJOIN_') && name !== 'REJOIN_DATA_DIR')
  const summary =
    names.length > 0
      ? `Settings: environment only (${where})`
      : `Settings: defaults only (${where}); --env-file names another file`
  return { environment, summary }
}

/** Null if there is no file, or it may stay unread. Throws `ConfigError` if it cannot be read. */
function readFile(file: string, mayBeClosed = false): EnvFile | null {
  try {
    return { file, values: readEnvText(file, readFileSync(file)) }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (/^(ENOENT|ENOTDIR)$/.test(code)) return null
    if (code === 'EACCES' && (mayBeClosed || isClosed(dirname(file)))) return null
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(
      `The settings file ${file} cannot be read: ${reason}. Let this user read it ("chgrp rejoin ${file}", "chmod 0640 ${file}"), or name another one with --env-file.`,
    )
  }
}

/** Whether this user cannot even look into the folder. The command that needs the file reports it. */
function isClosed(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return false
  } catch {
    return true
  }
}
