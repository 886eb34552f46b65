/** The scheduled backup of a server, made by a process of its own: nobody waits for it. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Database } from '../../core/storage/db.ts'
import { runBeside } from '../../core/runtime/own-program.ts'
import type { Log } from '../../core/runtime/log.ts'

interface ScheduledApp {
  readonly config: { readonly dataDir: string; readonly backup: Settings }
  readonly log: Log
  readonly db: Pick<Database, 'misplaced'>
}

interface Settings {
  readonly folder: string
  readonly keep: number
  readonly recipient: string | null
}

/** Rejects with the reason if no new backup was made. */
export async function backUpBeside({ config, log, db }: ScheduledApp, signal: AbortSignal): Promise<void> {
  const problem = db.misplaced()
  // A backup of another file in its place would replace the oldest backup.
  if (problem !== null) throw new Refusal('unavailable', `The backup failed. ${problem}`)
  const { folder, keep, recipient } = config.backup
  const to = ['--data-dir', config.dataDir, '--to', folder, '--keep', String(keep)]
  const key = recipient === null ? [] : ['--recipient', recipient]
  const report = await runBeside(['backup', '--json', ...to, ...key], signal)
  const backup = JSON.parse(report) as { ahead: readonly string[] }
  log.info({ backup }, 'backup made')
  if (backup.ahead.length > 0)
    log.warn({ files: backup.ahead }, 'backups dated in the future are neither counted nor removed')
}
