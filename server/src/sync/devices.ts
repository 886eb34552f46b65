/** Devices: who they belong to and when they were last heard of. */
import { sql } from 'kysely'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import type { Exchange } from '@rejoin/shared/wire.ts'
import { command } from '../core/commit/command.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/db.ts'

/** A contact is written down at most this often, unless it brings work that waited longer: it costs an fsync. */
const CONTACT_INTERVAL_MS = 5 * 60_000

const contactDevice = command({
  name: 'device.contact',
  input: z.object({
    id: Id,
    incarnation: z.int(),
    cursor: z.int(),
    skewMs: z.int(),
    oldestPendingAt: z.int().nullable(),
  }),
  async run({ tx, actor, now }, { id, ...contact }) {
    const owner = await tx.selectFrom('device').select('userId').where('id', '=', id).executeTakeFirst()
    if (owner !== undefined && owner.userId !== actor.id) throw foreignDevice()
    const seen = { ...contact, lastSeenAt: now }
    await tx
      .insertInto('device')
      .values({ id, userId: actor.id, createdAt: now, ...seen })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(seen))
      .execute()
  },
})

/** Notes that a device made contact. Throws `Refusal('foreign-device')` when it is somebody else's. */
export async function noteContact(
  { read, commits, now }: { read: Read; commits: Commits; now: number },
  actorId: string,
  exchange: Exchange,
): Promise<void> {
  const { device: id, incarnation, cursor, commands, clock } = exchange
  const known = await read.selectFrom('device').select(['userId', 'lastSeenAt']).where('id', '=', id).executeTakeFirst()
  if (known !== undefined && known.userId !== actorId) throw foreignDevice()
  const [oldest] = commands
  const waitedMs = oldest === undefined ? 0 : clock.wall - oldest.at.wall
  if (known !== undefined && Math.max(waitedMs, now - known.lastSeenAt) < CONTACT_INTERVAL_MS) return
  const skewMs = now - clock.wall
  const oldestPendingAt = oldest === undefined ? null : oldest.at.wall + skewMs
  await commits.commitOrThrow(contactDevice, { id, incarnation, cursor, skewMs, oldestPendingAt }, { actorId })
}

/** How long the oldest command of a device had waited when it last said so: the longest first. */
export async function oldestPending(read: Read, limit: number): Promise<{ deviceId: string; waitedMs: number }[]> {
  const waitedMs = sql<number>`"lastSeenAt" - "oldestPendingAt"`
  return read
    .selectFrom('device')
    .select(['id as deviceId', waitedMs.as('waitedMs')])
    .where('oldestPendingAt', 'is not', null)
    .orderBy(waitedMs, 'desc')
    .limit(limit)
    .execute()
}

function foreignDevice(): Refusal {
  return new Refusal(
    'foreign-device',
    'This device belongs to somebody else.',
    'Use a store of its own for each person.',
  )
}
