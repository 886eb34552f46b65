/** The vital signs of the server that have to be read: for `/metrics` and `/readyz`. */
import { existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { newestAt } from '../backup/folder.ts'
import { DATABASE_FILE } from '../../core/storage/sqlite.ts'
import type { Read } from '../../core/storage/db.ts'
import type { Vitals } from '../../core/runtime/metrics.ts'
import { sweepLag } from '../../slices/sla/sweep.ts'

export interface Watched {
  readonly config: { readonly dataDir: string; readonly backup: { readonly folder: string } }
  readonly read: Read
  now(): number
}

export async function readVitals({ config, read, now }: Watched): Promise<Vitals> {
  const backupAt = newestAt(config.backup.folder, now())
  return {
    sweepLagSeconds: sweepLag(read, now()) / 1000,
    ...(await outboxVitals(read, now())),
    diskFreeBytes: freeBytes(config.dataDir),
    databaseBytes: ['', '-wal'].reduce((sum, end) => sum + sizeOf(join(config.dataDir, DATABASE_FILE + end)), 0),
    backupAgeSeconds: backupAt === null ? null : secondsSince(backupAt, now()),
  }
}

async function outboxVitals(read: Read, now: number) {
  const waiting = await read
    .selectFrom('outbox')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min<number | null>('nextAttemptAt').as('since')])
    .where('sentAt', 'is', null)
    .where('setAside', 'is', null)
    .executeTakeFirstOrThrow()
  const aside = await read
    .selectFrom('outbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('setAside', 'is not', null)
    .executeTakeFirstOrThrow()
  const outboxLagSeconds = secondsSince(waiting.since, now)
  return { outboxWaiting: waiting.count, outboxSetAside: aside.count, outboxLagSeconds }
}

/** 0 if the folder was moved or removed. */
function freeBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function secondsSince(at: number | null, now: number): number {
  return at === null ? 0 : Math.max(0, now - at) / 1000
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0
}
