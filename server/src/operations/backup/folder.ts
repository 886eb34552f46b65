/** A folder of backups: their names, the newest, and the ones to remove. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const NAME = /^rejoin-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar\.zst(?:\.age)?$/

/** Named after the time of the backup, so that the names sort by age. */
export function nameOf(now: number, isEncrypted: boolean): string {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  return `rejoin-${time}.tar.zst${isEncrypted ? '.age' : ''}`
}

/** The newest first. */
export function backupsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && NAME.test(entry.name))
    .map(({ name }) => name)
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name))
}

/** When the newest backup was made, in epoch ms; null if there is none. A backup dated later than `now` is ignored. */
export function newestAt(folder: string, now: number): number | null {
  const newest = backupsIn(folder).find((file) => timeOf(file) <= now)
  return newest === undefined ? null : timeOf(newest)
}

/** The backups dated later than `now`, because a clock was wrong, here or then, or with an invalid date. */
export function aheadIn(folder: string, now: number): string[] {
  return backupsIn(folder).filter((file) => !(timeOf(file) <= now))
}

/**
 * Removes all but the newest `keep`, which include `made`. Backups dated later than `now` are not counted, and stay.
 */
export function removeOld(folder: string, keep: number, { made, now }: { made: string; now: number }): string[] {
  const others = backupsIn(folder).filter((file) => file !== made && timeOf(file) <= now)
  const old = others.slice(Math.max(0, keep - 1))
  for (const file of old) rmSync(file)
  return old
}

function timeOf(file: string): number {
  const [year, month, day, hour, minute, second] = NAME.exec(file.slice(file.lastIndexOf('/') + 1))?.slice(1) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
