/** The settings of backups: their folder, their schedule, how many are kept, and their recipient. */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { CronPattern, wholeNumber, type ValuesOf } from '../../core/input/setting.ts'

export const backupSettings = {
  REJOIN_BACKUP_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Backup folder; by default "backups" in the data directory.'),
  REJOIN_BACKUP_SCHEDULE: CronPattern.optional().describe(
    'Backup schedule, as a cron pattern in UTC; without it the server makes no backups.',
  ),
  REJOIN_BACKUP_KEEP: wholeNumber(z.number().min(1, 'must be at least 1'))
    .prefault('14')
    .describe('Number of backups to keep; older ones are removed after each new backup.'),
  REJOIN_BACKUP_RECIPIENT: z
    .string()
    .regex(/^age1[a-z0-9]+$/, 'is not an age public key, such as "rejoin backup new-key" prints')
    .optional()
    .describe('age public key that encrypts backups; without it they are not encrypted.'),
}

export interface BackupConfig {
  readonly folder: string
  /** Null: no scheduled backups. */
  readonly schedule: string | null
  readonly keep: number
  /** Null: backups are not encrypted. */
  readonly recipient: string | null
}

export function backupConfig(data: ValuesOf<typeof backupSettings>, dataDir: string): BackupConfig {
  return {
    folder: resolve(data.REJOIN_BACKUP_DIR ?? join(dataDir, 'backups')),
    schedule: data.REJOIN_BACKUP_SCHEDULE ?? null,
    keep: data.REJOIN_BACKUP_KEEP,
    recipient: data.REJOIN_BACKUP_RECIPIENT ?? null,
  }
}
