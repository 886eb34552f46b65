/** The server's disk is lost: copies of its data at random points, and one of them put in its place. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { copyDatabase, verdictsOnDisk } from '../../harness/database.ts'
import { changeFile } from '../../damage/damaged.ts'
import type { Random } from '../../harness/random.ts'
import type { Run } from './run.ts'
import { hangUp } from './faults.ts'

export async function backUp(run: Run): Promise<void> {
  run.book.note(`backup ${run.backups.length}`)
  await run.site.backUp(newFolder(run))
}

/** A device that has been away for longer than that is behind the end of the log. */
export async function cutLog(run: Run, random: Random): Promise<void> {
  run.book.fault('log cut')
  await run.site.compact(random.below(10 * 60_000))
}

/** Copies the files as a crash leaves them, the write-ahead log with them. */
export async function backUpTheDead(run: Run): Promise<void> {
  run.book.fault('server killed')
  run.counts.restarts += 1
  await run.site.crash({
    hangUp: () => hangUp(run),
    whileDown: async (dataDir) => copyDatabase(dataDir, newFolder(run)),
  })
}

/** The server loses all work since the copy. Later copies stay: they are of another future. */
export async function restore(run: Run, random: Random): Promise<void> {
  if (run.backups.length === 0) return
  const copy = random.pick(run.backups)
  run.book.fault('server restored from an old backup')
  run.counts.restores += 1
  run.book.timesKnownFrom = run.clock.now()
  run.book.note(`restores ${copy}`)
  await run.site.crash({
    hangUp: () => hangUp(run),
    async whileDown(dataDir) {
      // Calls made now find no server, and the next server does not get them unasked.
      await Promise.all(run.calls)
      run.book.restored(verdictsOnDisk(dataDir), verdictsOnDisk(copy))
      copyDatabase(copy, dataDir)
    },
  })
}

/** Damage of a disk to a row of a document; its checksum may be gone too, as in a database from before checksums. */
const DAMAGES = [
  `update document set state = substr(state, 1, length(state) / 2) where id = $`,
  `update document set state = cast(substr(state, 1, 9) || x'ff00ff' || substr(state, 13) as blob) where id = $`,
  `delete from document where id = $`,
  `update documentUpdate set "update" = substr("update", 1, length("update") / 2) where documentId = $ and seq % 2 = 0`,
  `update documentUpdate set "update" = x'ffffff' where documentId = $`,
  `update formerDocument set state = substr(state, 1, length(state) / 2) where documentId = $`,
]

/** The disk spoils a document while the server is down. */
export async function damageDocument(run: Run, random: Random): Promise<void> {
  const [ticketId, damage] = [random.pick(run.ticketIds), random.pick(DAMAGES)]
  run.book.fault('a document damaged on the disk')
  run.book.note(`${damage} ${ticketId}`)
  run.counts.restarts += 1
  await run.site.crash({
    hangUp: () => hangUp(run),
    whileDown: async (dataDir) => changeFile(dataDir, damage.replaceAll('$', `'${ticketId}'`)),
  })
}

function newFolder({ backups, site }: Run): string {
  const folder = join(site.dataDir, '..', `backup-${backups.length}`)
  mkdirSync(folder)
  backups.push(folder)
  return folder
}
