/** Data directories as `rejoin init` leaves them, at the price of a copy. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { openDatabase } from '@rejoin/server/core/storage/db.ts'

const template = mkdtempSync(join(tmpdir(), 'rejoin-template-'))
process.once('exit', () => rmSync(template, { recursive: true, force: true }))
await (await openDatabase(template)).close()

export function makeWorkspace(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true })
  copyFileSync(join(template, DATABASE_FILE), join(dataDir, DATABASE_FILE))
}
