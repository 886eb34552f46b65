/** A folder of backups: how they are called, which is the newest, and which are too many. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const NAME = /^rejoin-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.tar\.zst(?:\.age)?$/

/** After the moment it was made at, so that they sort by age. */
export function nameOf(now: number, isEncrypted: boolean): string {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  return `rejoin-${time}.tar.zst${isEncrypted ? '.age' : ''}`
}

/** The newest first. */
export function backupsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => NAME.test(name))
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name))
}

/** When the newest one was made, in epoch ms; null where there is none. */
export function newestAt(folder: string): number | null {
  const [newest] = backupsIn(folder)
  return newest === undefined ? null : timeOf(newest)
}

/** Removes all but the newest `keep`. Returns what it removed. */
export function removeOld(folder: string, keep: number): string[] {
  const old = backupsIn(folder).slice(keep)
  for (const file of old) rmSync(file)
  return old
}

function timeOf(file: string): number {
  const [year, month, day, hour, minute, second] = NAME.exec(file.slice(file.lastIndexOf('/') + 1))?.slice(1) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
