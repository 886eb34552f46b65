/**
 * The command line, with nothing of this process's environment. It runs in this process, one command after the other: a
 * process of its own takes half a second to start, and only shows more where signals, users and terminals matter.
 */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { runCommandLine } from '@rejoin/server/cli/program.ts'
import { standardError, standardOutput } from '@rejoin/server/core/runtime/standard-output.ts'
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
}

let last: Promise<unknown> = Promise.resolve()

export function rejoin(args: readonly string[], { env = {}, cwd = tmpdir() }: Setting = {}): Promise<Run> {
  const run = last.then(() => runHere(args, { env, cwd }))
  last = run
  return run
}

/** In a process of its own, as another user where `uid` says so, which only root may. */
export function rejoinApart(
  args: readonly string[],
  { env = {}, cwd = tmpdir(), uid }: Setting & { readonly uid?: number } = {},
): Promise<Run> {
  const user = uid === undefined ? {} : { uid, gid: uid }
  return new Promise((done) => {
    const options = { env: { ...ENVIRONMENT, ...env }, cwd, ...user }
    // Node has an `--env-file` of its own, but not after `--`.
    execFile(process.execPath, ['--', MAIN, ...args], options, (error, out, errors) =>
      done(runOf(Number(error?.code ?? 0), out, errors)),
    )
  })
}

async function runHere(args: readonly string[], { env, cwd }: Required<Setting>): Promise<Run> {
  const before = { cwd: process.cwd(), umask: process.umask(), exitCode: process.exitCode }
  const said = { out: '', errors: '' }
  const outs = [
    listen(standardOutput, (text) => (said.out += text)),
    listen(standardError, (text) => (said.errors += text)),
  ]
  process.chdir(cwd)
  process.exitCode = undefined
  try {
    const code = await runCommandLine([process.execPath, MAIN, ...args], { PATH: ENVIRONMENT.PATH, ...env })
    return runOf(code, said.out, said.errors)
  } finally {
    for (const stop of outs) stop()
    process.chdir(before.cwd)
    process.umask(before.umask)
    process.exitCode = before.exitCode
  }
}

/** Hands on what would be written, until it is told to stop. */
function listen(output: typeof standardOutput, hear: (text: string) => void): () => void {
  const { print, write } = output
  Object.assign(output, { print: hear, write: hear })
  return () => void Object.assign(output, { print, write })
}

function runOf(code: number, out: string, errors: string): Run {
  const [settings = ''] = SETTINGS_LINE.exec(errors) ?? []
  return { code, out, errors: errors.replace(settings, ''), settings }
}
