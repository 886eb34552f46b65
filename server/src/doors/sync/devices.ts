/** Devices: their owners, the incarnations of their stores, and their last contacts. */
import { sql } from 'kysely'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/values.ts'
import type { Exchange, Greeting } from '@rejoin/shared/sync/wire.ts'
import { isWithin } from '../../core/runtime/clock.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import type { Secrets } from '../../core/secrets.ts'
import { headOf } from '../../core/storage/revisions.ts'
import { prepared } from '../../core/storage/prepared.ts'
import type { Admission } from './admission.ts'
import { Contact, type Contacts } from './contacts.ts'
import { FIRST_INCARNATION, type Greetings } from './greetings.ts'
import { pastOf } from './past.ts'

/** A contact of a device that brings no work is noted at most this often. */
const CONTACT_INTERVAL_MS = 5 * 60_000

/** The longest waiting time that is recorded. */
const MAX_WAITED_MS = 366 * 24 * 3_600_000

/**
 * Each is looked up in every exchange. A store that was copied more often no longer gets the verdicts on its first
 * work.
 */
const MAX_INCARNATIONS = 50

interface ContactApp {
  readonly read: Read
  readonly commits: Commits
  readonly contacts: Contacts
  readonly greetings: Greetings
  readonly admission: Admission
  readonly epoch: string
  readonly config: { readonly horizonDays: number }
  readonly secrets: Secrets
  now(): number
}

const addDevice = command({
  name: 'device.add',
  input: Contact.extend({ formerId: Id.nullable(), provenFrom: z.int() }),
  async run({ tx, actor, now }, { formerId, ...contact }) {
    mustBelong(findDevice(tx, contact.id), actor.id)
    const former = formerId === null ? undefined : findDevice(tx, formerId)
    mustBelong(former, actor.id)
    await tx
      .insertInto('device')
      .values({ ...contact, formerId: former?.id ?? null, userId: actor.id, createdAt: now })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  },
})

/**
 * Takes the first exchange of a connection. Throws `Refusal('foreign-device')` if the device belongs to another person,
 * `Refusal('device-revoked')`, `Cloned` if its store was copied or rolled back, and `RetryLater` if it is new and its
 * person has too many.
 */
export function admitDevice(app: ContactApp, actorId: string, exchange: Exchange): void {
  const known = findDevice(app.read, exchange.device)
  mustBelong(known, actorId)
  if (known === undefined) app.admission.takeDevice(actorId, exchange.device, countDevices(app.read, actorId))
  else if (known.revokedAt !== null) throw revoked()
  app.greetings.take(exchange, greetingOf(known), app.now())
}

/**
 * Notes a contact of a device; `since` is the newest position that a diverged device and this database have in common.
 * Throws `Refusal('foreign-device')` if the device belongs to another person.
 */
export async function noteContact(app: ContactApp, actorId: string, exchange: Exchange, since?: number): Promise<void> {
  const { device: id, cursor, commands, clock, former: formerId = null } = exchange
  const now = app.now()
  const known = findDevice(app.read, id)
  mustBelong(known, actorId)
  const [oldest] = commands
  const waitedMs = oldest === undefined ? 0 : clock.wall - oldest.at.wall
  const incarnation = incarnationOf(exchange)
  const isEnrolled = known !== undefined && known.incarnation >= incarnation
  const isNoted = isEnrolled && isWithin(CONTACT_INTERVAL_MS, known.lastSeenAt, now)
  if (isNoted && waitedMs < CONTACT_INTERVAL_MS) return
  const skewMs = now - clock.wall
  // A device's clocks may claim any waiting time.
  const oldestPendingAt = oldest === undefined ? null : now - Math.min(Math.max(0, waitedMs), MAX_WAITED_MS)
  const report = { id, incarnation, cursor, skewMs, oldestPendingAt, lastSeenAt: now }
  const [greetingCount, greetingMark] = app.greetings.lastOf(id, greetingOf(known)) ?? [0, 0]
  const contact = { ...report, greetingCount, greetingMark }
  if (known === undefined) {
    const past = pastOf(app, exchange, { since, now })
    await app.commits.commitOrThrow(addDevice, { ...contact, ...past, formerId }, { actorId })
  } else app.contacts.note({ ...contact, seenFrom: app.contacts.seenFrom(id, known.seenFrom) })
}

/** The positions of the log between which the `seen` of all work of this exchange lies. */
export function seenBounds({ read, contacts }: Pick<ContactApp, 'read' | 'contacts'>, id: string): Seen {
  const { seenFrom = 0, provenFrom = 0 } = findDevice(read, id) ?? {}
  return { from: contacts.seenFrom(id, seenFrom), provenFrom, upTo: headOf(read).cursor }
}

export interface Seen {
  readonly from: number
  /** The device has no proof for any earlier position. */
  readonly provenFrom: number
  readonly upTo: number
}

/**
 * The first incarnation, for a device that has none; undefined for one that has one, or does not count its greetings.
 */
export function enrolmentOf({ incarnation, greeting }: Exchange): number | undefined {
  return incarnation === 0 && greeting !== undefined ? FIRST_INCARNATION : undefined
}

function incarnationOf(exchange: Exchange): number {
  return enrolmentOf(exchange) ?? exchange.incarnation
}

/** The ids of the device in this incarnation and in earlier ones, which sent part of its work. */
export function incarnationsOf(read: Read, id: string): string[] {
  const ids = new Set<string>()
  for (let next: string | null = id; next !== null && !ids.has(next) && ids.size < MAX_INCARNATIONS;) {
    ids.add(next)
    next = findDevice(read, next)?.formerId ?? null
  }
  return [...ids]
}

function findDevice(read: Read, id: string) {
  const [device] = deviceRows(read, { id })
  return device
}

const deviceRows = prepared<{ id: string }>()((read, param) =>
  read
    .selectFrom('device')
    .select([
      'id',
      'userId',
      'incarnation',
      'formerId',
      'lastSeenAt',
      'revokedAt',
      'greetingCount',
      'greetingMark',
      'seenFrom',
      'provenFrom',
    ])
    .where('id', '=', param('id')),
)

function countDevices(read: Read, userId: string): number {
  return devicesInUse(read, { userId })[0]?.count ?? 0
}

const devicesInUse = prepared<{ userId: string }>()((read, param) =>
  read
    .selectFrom('device')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('userId', '=', param('userId'))
    .where('revokedAt', 'is', null),
)

/** How long the oldest command of a device had waited at its last report: the longest first. */
export function oldestPending(read: Read, limit: number): Promise<{ deviceId: string; waitedMs: number }[]> {
  const waitedMs = sql<number>`"lastSeenAt" - "oldestPendingAt"`
  return read
    .selectFrom('device')
    .select(['id as deviceId', waitedMs.as('waitedMs')])
    .where('oldestPendingAt', 'is not', null)
    .orderBy(waitedMs, 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

type Device = NonNullable<Awaited<ReturnType<typeof findDevice>>>

function greetingOf(device: Device | undefined): Greeting | null {
  if (device === undefined || device.greetingCount === 0) return null
  return [device.greetingCount, device.greetingMark]
}

export function revoked(): Refusal {
  return new Refusal(
    'device-revoked',
    'This device was revoked.',
    'Unsent work stays readable here. Continue on another device, or with a new store.',
  )
}

function mustBelong(device: Device | undefined, userId: string): void {
  if (device === undefined || device.userId === userId) return
  throw new Refusal(
    'foreign-device',
    'This device belongs to another person.',
    'Use a store of its own for each person.',
  )
}
