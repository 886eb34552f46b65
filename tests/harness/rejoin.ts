/** The command line, run as a program of its own with nothing of this one's environment. */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { ENVIRONMENT, MAIN } from './program/program.ts'

/** What every command that reads settings says first. */
export const SETTINGS_LINE = /^Settings: .*\n/

export interface Run {
  readonly code: number
  readonly out: string
  /** Standard error without the line that says which settings were read. */
  readonly errors: string
  /** That line; empty for a command that reads none. */
  readonly settings: string
}

export interface Setting {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Another user than this process has; only root may say so. */
  readonly uid?: number
}

export function rejoin(args: readonly string[], { env = {}, cwd = tmpdir(), uid }: Setting = {}): Promise<Run> {
  const variables = { ...ENVIRONMENT, ...env }
  return new Promise((done) => {
    const user = uid === undefined ? {} : { uid, gid: uid }
    // Node has an `--env-file` of its own, but not after `--`.
    execFile(process.execPath, ['--', MAIN, ...args], { env: variables, cwd, ...user }, (error, out, errors) => {
      const [settings = ''] = SETTINGS_LINE.exec(errors) ?? []
      done({ code: Number(error?.code ?? 0), out, errors: errors.replace(settings, ''), settings })
    })
  })
}
