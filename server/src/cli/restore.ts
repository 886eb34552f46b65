/**
 * `rejoin restore`: a data directory from a backup. It is built beside its place and moved there in one step, so that
 * either all of it exists or nothing.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { App } from '../app.ts'
import { passphraseIn, secretKeysIn, type Opener } from '../operations/backup/encryption.ts'
import { mustBeFile, unpackArchive } from '../operations/backup/read-archive.ts'
import { beginAnew } from '../operations/backup/restored.ts'
import type { Config } from '../operations/config/config.ts'
import { DATABASE_FILE, unusable } from '../core/storage/sqlite.ts'
import { LOCK_FILE, lockDataDir } from '../core/storage/data-lock.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { problemsIn } from '../core/storage/whole-file.ts'
import { derivedFaults, rebuild } from './doctor/derived.ts'
import { OWN_FILE } from '../operations/config/settings-file.ts'
import { withApp } from './with-app.ts'
import { print } from '../core/runtime/terminal.ts'

export interface RestoreOptions {
  readonly verify?: true
  readonly identity?: string
  readonly passphraseFile?: string
  readonly json?: true
}

interface Restored {
  readonly backupAt: string
  readonly files: number
  readonly tickets: number
  readonly people: number
  /** Tickets whose documents did not follow from their rows. */
  readonly rebuilt: number
  /** Messages that waited, and may have gone out since. */
  readonly setAside: number
}

/** Throws `Refusal` if nothing was restored; no part of it is left then. */
export async function restore(config: Config, file: string, options: RestoreOptions): Promise<void> {
  const isCheck = options.verify === true
  mustBeFile(file)
  if (!isCheck) mustBeFree(config.dataDir)
  const folder = folderFor(config.dataDir, isCheck)
  try {
    const restored = await restoreInto({ ...config, dataDir: folder }, file, openerOf(options))
    if (!isCheck) moveFiles(folder, config.dataDir)
    print(options.json === true ? `${JSON.stringify({ ok: true, ...restored })}\n` : textOf(restored, isCheck))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function restoreInto(config: Config, file: string, opener: Opener | null): Promise<Restored> {
  const { createdAt: backupAt, files } = await unpackArchive(file, config.dataDir, opener)
  const [problem] = problemsIn(join(config.dataDir, DATABASE_FILE))
  if (problem !== undefined) throw new Refusal('invalid', `${file} is damaged: ${problem}`, 'Use another backup.')
  return withApp(
    config,
    async (app) => {
      const { output } = await app.commits.commitOrThrow(beginAnew, { backupAt }, { actorId: SYSTEM_ID })
      const faults = await derivedFaults(app)
      await rebuild(
        app.commits,
        faults.map(({ documentId }) => documentId),
      )
      const counts = { tickets: await countOf(app, 'ticket'), people: await countOf(app, 'user') }
      const times = { backupAt: new Date(backupAt).toISOString(), files: files.length }
      return { ...times, ...counts, rebuilt: faults.length, setAside: output.setAside }
    },
    { isCopy: true },
  )
}

/** Throws `Refusal` if the folder holds anything, and names the process that uses it. */
function mustBeFree(dataDir: string): void {
  if (!existsSync(dataDir) || contentOf(dataDir).length === 0) return
  if (existsSync(join(dataDir, LOCK_FILE))) lockDataDir(dataDir).release()
  throw new Refusal(
    'conflict',
    `The data directory ${dataDir} is not empty.`,
    'Name another one with --data-dir, or move its files away. Nothing was changed.',
  )
}

/** The files that would be overwritten; the settings file stays. */
function contentOf(dataDir: string): string[] {
  return readdirSync(dataDir).filter((name) => name !== OWN_FILE)
}

/**
 * The folder in which it is built: beside the data directory, or inside it if this user may create nothing beside it,
 * or the settings are there.
 */
function folderFor(dataDir: string, isCheck: boolean): string {
  if (isCheck) return mkdtempSync(join(tmpdir(), 'rejoin-verify-'))
  const parent = dirname(dataDir)
  if (existsSync(join(dataDir, OWN_FILE))) return mkdtempSync(join(dataDir, '.restore-'))
  try {
    mkdirSync(parent, { recursive: true })
    return mkdtempSync(join(parent, `.${basename(dataDir)}-restore-`))
  } catch (error) {
    if (existsSync(dataDir) && isWritable(dataDir)) return mkdtempSync(join(dataDir, '.restore-'))
    throw unusable(dataDir, error)
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Within the data directory the database comes last: without it there is none. */
function moveFiles(folder: string, dataDir: string): void {
  if (dirname(folder) === dataDir) {
    const others = readdirSync(folder).filter((name) => name !== DATABASE_FILE)
    for (const name of [...others, DATABASE_FILE]) renameSync(join(folder, name), join(dataDir, name))
    return
  }
  if (existsSync(dataDir)) rmdirSync(dataDir)
  renameSync(folder, dataDir)
}

function openerOf({ identity, passphraseFile }: RestoreOptions): Opener | null {
  if (identity !== undefined) return { secretKeys: secretKeysIn(identity) }
  return passphraseFile === undefined ? null : { passphrase: passphraseIn(passphraseFile) }
}

async function countOf({ read }: App, table: 'ticket' | 'user'): Promise<number> {
  const { count } = await read
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function textOf({ backupAt, files, tickets, people, rebuilt, setAside }: Restored, isCheck: boolean): string {
  const what = `${files} files, ${tickets} tickets, ${people} people, as of ${backupAt}`
  if (isCheck) return `The backup can be restored: ${what}. ${rebuilt} documents would be rebuilt.\n`
  return (
    `Restored: ${what}. ${rebuilt} documents were rebuilt.\n` +
    `When devices reconnect, they send back the work done since the backup; "rejoin doctor" lists it.\n` +
    (setAside === 0
      ? ''
      : `${setAside} queued messages were set aside because they may have been sent since the backup: see mail.failed.\n`)
  )
}
