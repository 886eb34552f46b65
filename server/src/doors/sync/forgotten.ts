/**
 * Removes devices that made contact only once, without waiting work, and were not seen again until the log was cut
 * beyond their cursor. If such a device comes back, it is new to the server and reconciles, as it would have to anyway.
 * A revoked device stays, so that it stays revoked.
 */
import { z } from 'zod'
import { Instant } from '@rejoin/shared/values.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import { SYSTEM_ID } from '../../core/ids.ts'

const DAY_MS = 24 * 3_600_000
/** Rows in one command: other commands wait for it. */
const BATCH = 500

interface Forgetting {
  readonly commits: Pick<Commits, 'commitOrThrow'>
  readonly config: { readonly horizonDays: number }
  now(): number
}

/** Resolves when no such device from before the horizon is left. */
export async function forgetDevices({ commits, config, now }: Forgetting): Promise<void> {
  const before = Math.max(0, now() - config.horizonDays * DAY_MS)
  let forgotten = BATCH
  while (forgotten === BATCH) {
    forgotten = (await commits.commitOrThrow(forgetSome, { before }, { actorId: SYSTEM_ID })).output
  }
}

const forgetSome = command({
  name: 'device.forget',
  input: z.object({ before: Instant }),
  async run({ tx }, { before }): Promise<number> {
    const rows = await tx
      .selectFrom('device')
      .select('id')
      .where('createdAt', '<', before)
      .whereRef('lastSeenAt', '<=', 'createdAt')
      .where('oldestPendingAt', 'is', null)
      .where('name', 'is', null)
      .where('revokedAt', 'is', null)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('device as later').select('later.id').whereRef('later.formerId', '=', 'device.id'))),
      )
      .orderBy('createdAt')
      .orderBy('id')
      .limit(BATCH)
      .execute()
    for (const { id } of rows) await tx.deleteFrom('device').where('id', '=', id).execute()
    return rows.length
  },
})
