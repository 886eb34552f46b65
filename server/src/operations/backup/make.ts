/** Makes a backup of a data directory, also while a server works on it, and checks it before reporting success. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@rejoin/shared/errors.ts'
import { DATABASE_FILE } from '../../core/storage/sqlite.ts'
import { existingDatabase, withFile } from '../../core/storage/db.ts'
import { copyDatabase, problemsIn } from '../../core/storage/whole-file.ts'
import { KEY_FILE } from '../../core/secrets.ts'
import type { Key } from './encryption.ts'
import { nameOf } from './folder.ts'
import { entryOf, type Manifest } from './manifest.ts'
import { checkArchive } from './read-archive.ts'
import { writeArchive } from './write-archive.ts'

/**
 * The other files of a data directory that belong to its data: without the key nobody could use a second step at
 * sign-in.
 */
const FILES = [KEY_FILE]
const FOLDERS = ['files']

export interface BackupRequest {
  readonly dataDir: string
  /** The folder for the backup; created if missing. */
  readonly folder: string
  readonly key: Key | null
  /** The version of the program. */
  readonly version: string
  /** Epoch ms. */
  readonly now: number
  /** Called with the bytes packed so far and their total. */
  readonly progress?: (bytes: number, total: number) => void
}

export interface Backup {
  readonly file: string
  readonly bytes: number
  readonly manifest: Manifest
}

/** Throws `Refusal` if there is no database, it is damaged, or the backup cannot be written. */
export async function makeBackup(request: BackupRequest): Promise<Backup> {
  const { dataDir, folder } = request
  const database = existingDatabase(dataDir)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Beside the data, so that nothing unencrypted leaves its disk.
    const work = mkdtempSync(join(dataDir, 'backup-'))
    try {
      return await packed(request, database, join(work, DATABASE_FILE))
    } finally {
      rmSync(work, { recursive: true })
    }
  } catch (error) {
    throw cannotWrite(request, error)
  }
}

async function packed(request: BackupRequest, database: string, copy: string): Promise<Backup> {
  const { dataDir, folder, key, now, progress } = request
  copyDatabase(database, copy)
  const manifest = await manifestOf(request, copy)
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)
  const file = join(folder, nameOf(now, key !== null))
  const locate = (path: string) => (path === DATABASE_FILE ? copy : join(dataDir, path))
  await writeArchive(file, { manifest, locate, key, progress: (bytes) => progress?.(bytes, total) })
  // A backup encrypted with a public key can only be read with the secret key, which is not here.
  if (key === null || 'passphrase' in key) await checkArchive(file, key)
  return { file, bytes: statSync(file).size, manifest }
}

async function manifestOf({ dataDir, version, now }: BackupRequest, copy: string): Promise<Manifest> {
  const [problem] = problemsIn(copy)
  if (problem !== undefined) {
    throw new Refusal('unavailable', `The database is damaged: ${problem}`, 'Run "rejoin doctor". Keep older backups.')
  }
  const [newest] = withFile(copy, ({ rows }) => rows<{ name: string }>('select max(name) as name from migration', []))
  const single = FILES.filter((file) => existsSync(join(dataDir, file)))
  const files = [await entryOf(DATABASE_FILE, copy)]
  for (const path of [...single, ...FOLDERS.flatMap((folder) => filesBelow(dataDir, folder))])
    files.push(await entryOf(path, join(dataDir, path)))
  return { format: 1, createdAt: now, version, migration: newest?.name ?? '', files }
}

function filesBelow(dataDir: string, folder: string): string[] {
  if (!existsSync(join(dataDir, folder))) return []
  return readdirSync(join(dataDir, folder), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(dataDir.length + 1))
    .toSorted()
}

/** An error of the file system as a refusal; any other error as it is. */
function cannotWrite({ dataDir, folder }: BackupRequest, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error) || error instanceof Refusal) return error
  return new Refusal(
    'unavailable',
    `Cannot write a backup of ${dataDir} to ${folder}: ${error.message}.`,
    'Check that this user may write there and that the disk is not full. Earlier backups are unchanged.',
  )
}
