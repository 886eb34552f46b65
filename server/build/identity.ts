/** The identity of a build: its version, its commit, and the commit's time, which every file of a release carries. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, SERVER } from './paths.ts'

export interface Identity {
  readonly version: string
  /** `unknown` outside of git; ends with `+changes` when files differ from it. */
  readonly commit: string
  /** Seconds since 1970, by `SOURCE_DATE_EPOCH` (reproducible-builds.org) or else of the commit. */
  readonly epoch: number
}

export function readIdentity(): Identity {
  const { version } = JSON.parse(readFileSync(join(SERVER, 'package.json'), 'utf8')) as { version: string }
  const [hash, time] = git('log', '-1', '--format=%H %ct').split(' ')
  const changes = git('status', '--porcelain') === '' ? '' : '+changes'
  return {
    version,
    commit: hash === '' || hash === undefined ? 'unknown' : hash.slice(0, 12) + changes,
    epoch: Number(process.env['SOURCE_DATE_EPOCH'] ?? time ?? 0),
  }
}

/** Git's output, or nothing where there is no repository or no git. */
function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch (error) {
    if (error instanceof Error && ('status' in error || 'code' in error)) return ''
    throw error
  }
}
