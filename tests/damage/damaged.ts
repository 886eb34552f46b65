/** Damage as a disk does it, past the program: to the file of a server that has stopped, or below one that runs. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import type { World } from '../harness/world.ts'

/** What becomes of a stored value, as SQL with `$` in the place of its column. */
export const WAYS = {
  'cut short': 'cast(substr($, 1, length($) / 2) as $type)',
  garbled: `cast(x'fe' || substr($, 2, length($) / 2) || x'ff' || substr($, length($) / 2 + 2) as $type)`,
  emptied: `cast('' as $type)`,
} as const
export type Way = keyof typeof WAYS

export function spoilt(column: string, way: Way, type: 'blob' | 'text'): string {
  return WAYS[way].replaceAll('$type', type).replaceAll('$', () => `"${column}"`)
}

/** Stops the server, changes its file, and starts it again. */
export async function whileStopped(world: World, change: string): Promise<void> {
  const copy = await world.backup()
  await world.restore(copy, (dataDir) => changeFile(dataDir, change))
}

/** Changes the file, on which nothing runs. */
export function changeFile(dataDir: string, change: string): void {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE), { enableForeignKeyConstraints: false })
  db.exec(change)
}

/** Changes the file under the running server, which has nothing of it in memory. */
export async function whileRunning({ app }: World, change: string): Promise<void> {
  await app.commits.idle()
  app.documents.dropAll()
  app.db.writer.run(change)
}
