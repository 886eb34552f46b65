/** The first file of every backup: its origin, and every other file with its size and hash. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'

export const MANIFEST = 'manifest.json'

/** The path of a database or an attachment; never one that leads out of the folder. */
const Path = z.string().regex(/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/)

const Entry = z.object({ path: Path, bytes: z.int().min(0), sha256: z.string().length(64) })

export const Manifest = z.object({
  /** The format of the manifest itself. */
  format: z.literal(1),
  /** Epoch ms. */
  createdAt: z.int(),
  /** The version of the program that made the backup. */
  version: z.string(),
  /** The newest migration of the database. */
  migration: z.string(),
  files: z.array(Entry),
})

export type Manifest = z.output<typeof Manifest>
export type Entry = z.output<typeof Entry>

export async function entryOf(path: string, file: string): Promise<Entry> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return { path, bytes: statSync(file).size, sha256: hash.digest('hex') }
}
