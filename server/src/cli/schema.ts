/** `rejoin schema`: the schema of a fresh database, as kept for review in `migrations/schema.sql`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../core/storage/db.ts'
import { schemaText } from '../core/storage/migrate.ts'

export async function printSchema(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-schema-'))
  const db = await openDatabase(dir)
  try {
    return await schemaText(db.writer)
  } finally {
    await db.close()
    rmSync(dir, { recursive: true })
  }
}
