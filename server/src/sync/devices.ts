/** Devices: who they belong to and when they were last heard of. */
import { sql } from 'kysely'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Exchange } from '@rejoin/shared/wire.ts'
import { command } from '../core/commit/command.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/db.ts'
import { prepared } from '../core/prepared.ts'
import { Contact, type Contacts } from './contacts.ts'

/** Of a device that brings no work a contact is noted at most this often. */
const CONTACT_INTERVAL_MS = 5 * 60_000

const addDevice = command({
  name: 'device.add',
  input: Contact,
  async run({ tx, actor, now }, contact) {
    const [owner] = await deviceRows(tx, { id: contact.id })
    if (owner !== undefined && owner.userId !== actor.id) throw foreignDevice()
    await tx
      .insertInto('device')
      .values({ ...contact, userId: actor.id, createdAt: now })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  },
})

/** Notes that a device made contact. Throws `Refusal('foreign-device')` when it is somebody else's. */
export async function noteContact(
  { read, commits, contacts, now }: { read: Read; commits: Commits; contacts: Contacts; now: number },
  actorId: string,
  exchange: Exchange,
): Promise<void> {
  const { device: id, incarnation, cursor, commands, clock } = exchange
  const [known] = await deviceRows(read, { id })
  if (known !== undefined && known.userId !== actorId) throw foreignDevice()
  const [oldest] = commands
  const waitedMs = oldest === undefined ? 0 : clock.wall - oldest.at.wall
  if (known !== undefined && Math.max(waitedMs, now - known.lastSeenAt) < CONTACT_INTERVAL_MS) return
  const skewMs = now - clock.wall
  const oldestPendingAt = oldest === undefined ? null : oldest.at.wall + skewMs
  const contact = { id, incarnation, cursor, skewMs, oldestPendingAt, lastSeenAt: now }
  if (known === undefined) await commits.commitOrThrow(addDevice, contact, { actorId })
  else contacts.note(contact)
}

const deviceRows = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('device').select(['userId', 'lastSeenAt']).where('id', '=', param('id')),
)

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
