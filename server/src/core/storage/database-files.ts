/**
 * Where the files of an open database are. A file that is moved or removed stays open, and later writes to it would be
 * lost: so nothing more is written, and at the end all of it is put into a file.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'

const BESIDE = ['-wal', '-shm'] as const

export interface DatabaseFiles {
  /** The problem, in a sentence; null while each file is where it was opened. Takes a few microseconds. */
  problem(): string | null
  /**
   * Ends the database, which is not in its place, by `close`, and leaves all of it in a file, which `copyTo` writes if
   * necessary. Returns the file.
   */
  rescue(copyTo: (file: string) => void, close: () => Promise<void>): Promise<string>
  /** Called when the database is closed. */
  end(): void
}

/** Watches the files of the open database `file`. */
export function watchFiles(file: string): DatabaseFiles {
  // Closing it would release the locks of this process, so it stays open as long as the database does.
  const descriptor = openSync(file, 'r')
  const own = idOf(file)
  const beside = new Map<string, string>()

  function problem(): string | null {
    const there = idOf(file)
    if (there === null) return `The database ${file} is missing: it was moved or removed.`
    if (there !== own) return `Another file has replaced the database ${file}.`
    for (const end of BESIDE) {
      const id = idOf(file + end)
      // Each of these files is created at its first use.
      if (id !== null && !beside.has(end)) beside.set(end, id)
      if (beside.has(end) && beside.get(end) !== id) return `The file ${file + end} is missing or was replaced.`
    }
    return null
  }

  return {
    problem,
    rescue: (copyTo, close) => rescue({ file, own, beside, descriptor }, copyTo, close),
    end: () => closeSync(descriptor),
  }
}

interface Opened {
  readonly file: string
  readonly own: string | null
  readonly beside: ReadonlyMap<string, string>
  readonly descriptor: number
}

async function rescue(
  { file, own, beside, descriptor }: Opened,
  copyTo: (file: string) => void,
  close: () => Promise<void>,
): Promise<string> {
  const isElsewhere = fstatSync(descriptor).nlink > 0
  // Closing folds the log into the file.
  if (idOf(file) === own || (isElsewhere && !existsSync(dirname(file)))) {
    await close()
    return pathOf(descriptor) ?? file
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const copy = freeName(file)
  copyTo(copy)
  chmodSync(copy, 0o600)
  sync(copy)
  await close()
  // A log left behind would be taken for that of the next file here.
  for (const end of BESIDE) if (idOf(file + end) === beside.get(end)) rmSync(file + end, { force: true })
  if (['', ...BESIDE].some((end) => existsSync(file + end))) return copy
  renameSync(copy, file)
  sync(dirname(file))
  return file
}

function idOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

/** The path of an open file according to the system; null if the system does not tell. */
function pathOf(descriptor: number): string | null {
  const link = `/proc/self/fd/${descriptor}`
  return existsSync(link) ? readlinkSync(link) : null
}

function freeName(file: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${dirname(file)}/${basename(file)}.rescued-${number}`
    if (!existsSync(name)) return name
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
