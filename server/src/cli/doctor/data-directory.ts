/** Checks the data directory: the file as SQLite sees it, room, rights, the mount, and leftovers. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CRASH_REPORT } from '../../core/runtime/crash.ts'
import { DATABASE_FILE } from '../../core/storage/sqlite.ts'
import { problemsIn } from '../../core/storage/whole-file.ts'
import { fine, type Finding } from './finding.ts'

const MIB = 1024 * 1024
const LITTLE_ROOM = 1024 * MIB
const NO_ROOM = 100 * MIB
const MOUNTS = '/proc/self/mounts'
/** The working folder of a backup or a restore; a kill leaves it behind. */
const WORK = /^backup-\w{6}$/

export const RESTORE_HINT = 'Stop the server, keep this folder, and restore the newest backup elsewhere.'

export function lookAtDatabase(dataDir: string): Finding[] {
  const problems = problemsIn(join(dataDir, DATABASE_FILE))
  if (problems.length === 0) return [fine('database', 'Pages, indexes and references are sound.')]
  return problems.map((message) => ({ check: 'database', severity: 'error', message, hint: RESTORE_HINT }))
}

export function lookAtRoom(dataDir: string): Finding[] {
  const { bavail, bsize } = statfsSync(dataDir)
  const free = bavail * bsize
  const message = `${Math.floor(free / MIB).toLocaleString('en')} MiB free on the disk of the data directory.`
  if (free > LITTLE_ROOM) return [fine('disk', message)]
  const hint = 'Free some space: the server refuses work while the disk is full.'
  return [{ check: 'disk', severity: free > NO_ROOM ? 'warning' : 'error', message, hint }]
}

/** Only on systems that have such rights. */
export function lookAtRights(dataDir: string): Finding[] {
  const files = readdirSync(dataDir).filter((name) => name.startsWith('rejoin.'))
  const paths = [{ path: dataDir, mode: 0o700 }, ...files.map((name) => ({ path: join(dataDir, name), mode: 0o600 }))]
  const findings = paths.flatMap(({ path, mode }): Finding[] => {
    if (!isWritable(path)) {
      const hint = 'Run this command as the user that the server runs as, or change the owner.'
      return [{ check: 'rights', severity: 'error', message: `This user cannot write to ${path}.`, hint }]
    }
    if ((statSync(path).mode & 0o077) === 0) return []
    const hint = `Run "rejoin doctor --fix", or chmod ${mode.toString(8)}.`
    const fix = { kind: 'close-to-others', path, mode } as const
    return [
      { check: 'rights', severity: 'warning', message: `Other users of this machine can open ${path}.`, hint, fix },
    ]
  })
  return findings.length === 0 ? [fine('rights', 'Only this user can read and write the data.')] : findings
}

/** The single executable loads its SQLite through a file, from the data directory or that of temporary files. */
export function lookAtMounts(dataDir: string): Finding[] {
  if (!existsSync(MOUNTS)) return []
  const folders = [dataDir, tmpdir()]
  const barred = folders.filter((folder) => optionsOf(folder).includes('noexec'))
  const free = folders.find((folder) => !barred.includes(folder))
  if (barred.length === 0) return [fine('mount', 'The data directory is not mounted noexec.')]
  const message = `${barred.join(' and ')} ${barred.length === 1 ? 'is' : 'are'} mounted noexec.`
  if (free !== undefined)
    return [{ check: 'mount', severity: 'note', message: `${message} SQLite is loaded from ${free} instead.` }]
  const hint = 'Set TMPDIR to a folder that is not mounted noexec. Otherwise the executable cannot load SQLite.'
  return [{ check: 'mount', severity: 'warning', message, hint }]
}

export function lookAtLeftovers(dataDir: string): Finding[] {
  const names = readdirSync(dataDir)
  const work = names
    .filter((name) => WORK.test(name))
    .map((name): Finding => {
      const path = join(dataDir, name)
      const hint = 'Run "rejoin doctor --fix" while no backup is running.'
      return {
        check: 'leftovers',
        severity: 'warning',
        message: `${path} was left by an interrupted backup or restore.`,
        hint,
        fix: { kind: 'remove', path },
      }
    })
  const crashes = names.filter((name) => CRASH_REPORT.test(name))
  if (crashes.length === 0) return work
  const message = `The server has crashed ${crashes.length} times; the last report is ${join(dataDir, crashes.toSorted().at(-1) ?? '')}.`
  return [...work, { check: 'crashes', severity: 'warning', message, hint: 'Report the bug, then remove the reports.' }]
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The mount options of the file system of a folder. */
function optionsOf(folder: string): string[] {
  const mounts = readFileSync(MOUNTS, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '']) => at === '/' || folder === at || folder.startsWith(`${at}/`))
    .toSorted(([, a = ''], [, b = '']) => b.length - a.length)
  return mounts[0]?.[3]?.split(',') ?? []
}
