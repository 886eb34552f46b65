/** `rejoin migrate`: the upgrade of the database by itself, without a server. */
import type { Config } from '../operations/config/config.ts'
import { existingDatabase } from '../core/storage/db.ts'
import { pendingMigrations } from '../core/storage/pending.ts'
import { withApp } from './with-app.ts'
import { print } from '../core/runtime/terminal.ts'

export interface MigrateOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Throws `Refusal` if there is no database, or it cannot be migrated; it is then unchanged. */
export async function migrateData(config: Config, { dryRun = false, json = false }: MigrateOptions): Promise<void> {
  const steps = pendingMigrations(existingDatabase(config.dataDir))
  if (!dryRun) await withApp(config, () => undefined)
  print(json ? `${JSON.stringify({ ok: true, dryRun, steps })}\n` : textOf(steps, dryRun))
}

function textOf(steps: readonly string[], isDry: boolean): string {
  if (steps.length === 0) return 'The database schema is up to date.\n'
  const what = isDry ? 'Pending migrations (a backup is made first)' : 'Migrations applied'
  return `${what}:\n${steps.map((step) => `  ${step}\n`).join('')}`
}
