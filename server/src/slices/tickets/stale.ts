/** Documents of tickets whose rows a migration has changed: they are made to follow at the start, and devices are told. */
import { z } from 'zod'
import { Id } from '@rejoin/shared/values.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'

const AT_ONCE = 100
const AS_SYSTEM = { actorId: SYSTEM_ID }

const followRows = command({
  name: 'tickets.follow-rows',
  input: z.object({ ticketIds: z.array(Id).max(AT_ONCE), isShown: z.boolean() }),
  room: 'any',
  async run({ tx, show }, { ticketIds, isShown }) {
    await tx.deleteFrom('staleDocument').where('ticketId', 'in', ticketIds).execute()
    if (isShown) for (const id of ticketIds) show(id, 'all')
  },
})

/** Resolves when none is left. One that cannot be made to follow stays as it is, and the doctor finds it. */
export async function showStale({ read, commits }: { read: Read; commits: Commits }): Promise<void> {
  for (let ids = await staleIds(read); ids.length > 0; ids = await staleIds(read)) {
    if (await follows(commits, ids)) continue
    for (const id of ids) {
      if (await follows(commits, [id])) continue
      await commits.commitOrThrow(followRows, { ticketIds: [id], isShown: false }, AS_SYSTEM)
    }
  }
}

async function follows(commits: Commits, ticketIds: readonly string[]): Promise<boolean> {
  const { outcome } = await commits.commit(followRows, { ticketIds: [...ticketIds], isShown: true }, AS_SYSTEM)
  return outcome === 'applied'
}

async function staleIds(read: Read): Promise<string[]> {
  const rows = await read.selectFrom('staleDocument').select('ticketId').orderBy('ticketId').limit(AT_ONCE).execute()
  return rows.map(({ ticketId }) => ticketId)
}
