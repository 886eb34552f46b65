/**
 * The outbox: messages for the outside that commands wrote in their own transaction. It finds the due ones, and begins
 * and ends attempts; `lanes.ts` delivers.
 *
 * 1. An attempt is on disk before it begins and its result after it ends, so at most one attempt of a message is open.
 * 2. A message is tried again only after an attempt that is known to have failed. One that may have gone out (the
 *    program was killed meanwhile, the other side fell silent) is set aside as `unknown`: a person decides.
 * 3. A message that was refused for good, or failed too often, is set aside as well. Nothing is dropped but what its
 *    sender says was withdrawn, such as the letter of a revoked invitation.
 * 4. A message that has gone out keeps no content.
 */
import { z } from 'zod'
import { command } from '../command.ts'
import type { Messages, Read, Tx } from '../storage/db.ts'
import type { SetAside } from '../storage/tables.ts'

/** The sender for messages of one kind. */
export interface Sender<Payload> {
  /**
   * Delivers a message. Throws `Undelivered` if trying again does not help or is not safe, `Withdrawn` if it is not to
   * be sent any more, and any other error if trying again does help. Stops when `signal` aborts, and after a time of its own in any case.
   */
  deliver(message: { id: string; payload: Payload }, signal: AbortSignal): Promise<void>
  /** How many messages are under way at once. */
  readonly atOnce: number
  /** How many of them go to one receiver, so that a slow one keeps no other waiting. */
  readonly atOnceToOne: number
  receiverOf(payload: Payload): string
}
export type Senders = { readonly [Kind in keyof Messages]?: Sender<Messages[Kind]> }

/** `rejected`: the other side refused it for good, or it is of no use any more. `unknown`: it may have arrived. */
export class Undelivered extends Error {
  readonly setAside: Extract<SetAside, 'rejected' | 'unknown'>

  constructor(setAside: 'rejected' | 'unknown', message: string) {
    super(message)
    this.name = 'Undelivered'
    this.setAside = setAside
  }
}

/** What the message is about was taken back: it is dropped unsent. */
export class Withdrawn extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Withdrawn'
  }
}

const FIRST_RETRY_MS = 5000
const LAST_RETRY_MS = 6 * 3_600_000
/** The last attempt is two and a half days after the first. */
const MAX_ATTEMPTS = 20
const BATCH = 50

/** Returns whether the message is to be sent: an attempt may have ended since it was read. */
export const beginAttempt = command({
  name: 'outbox.begin-attempt',
  input: z.object({ id: z.string(), attempts: z.int() }),
  async run({ tx, now }, { id, attempts }) {
    const { numUpdatedRows } = await tx
      .updateTable('outbox')
      .set({ attemptAt: now })
      .where('id', '=', id)
      .where('sentAt', 'is', null)
      .where('setAside', 'is', null)
      .where('attemptAt', 'is', null)
      .where('attempts', '=', attempts)
      .executeTakeFirstOrThrow()
    return { isBegun: numUpdatedRows > 0 }
  },
})

export const endAttempt = command({
  name: 'outbox.end-attempt',
  input: z.object({
    id: z.string(),
    failure: z.object({ error: z.string(), setAside: z.enum(['rejected', 'unknown']).nullable() }).nullable(),
  }),
  async run({ tx, now }, { id, failure }) {
    const row = await tx.selectFrom('outbox').select('attempts').where('id', '=', id).executeTakeFirstOrThrow()
    const attempts = row.attempts + 1
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS)
    const setAside = failure?.setAside ?? (attempts === MAX_ATTEMPTS ? ('exhausted' as const) : null)
    const result =
      failure === null
        ? { sentAt: now, payload: '{}', lastError: null }
        : { nextAttemptAt: now + delayMs, setAside, lastError: failure.error }
    await tx
      .updateTable('outbox')
      .set({ attempts, attemptAt: null, ...result })
      .where('id', '=', id)
      .execute()
  },
})

/** Drops a message whose attempt has begun and sent nothing. */
export const dropWithdrawn = command({
  name: 'outbox.drop-withdrawn',
  input: z.object({ id: z.string() }),
  async run({ tx }, { id }) {
    await tx.deleteFrom('outbox').where('id', '=', id).where('sentAt', 'is', null).execute()
  },
})

/** At the start of the program no attempt is running, so an open one was cut off. */
export async function setAsideCutOff(tx: Tx): Promise<void> {
  await tx
    .updateTable('outbox')
    .set((row) => ({
      attempts: row('attempts', '+', 1),
      attemptAt: null,
      setAside: 'unknown',
      lastError: 'The server stopped while sending this message.',
    }))
    .where('attemptAt', 'is not', null)
    .where('sentAt', 'is', null)
    .where('setAside', 'is', null)
    .execute()
}

/** A message that is due. */
export interface Due {
  readonly id: string
  readonly kind: keyof Messages
  readonly payload: string
  readonly nextAttemptAt: number
  readonly attempts: number
}

/**
 * The next due messages of a kind that are not under way, by their time; behind `after`, if given. If none is due,
 * those further away than the longest retry delay: a clock that was ahead wrote them.
 */
export async function dueOf(read: Read, kind: keyof Messages, now: number, after?: Due): Promise<Due[]> {
  const due = await waiting(read, kind, ['<=', now], after)
  return due.length > 0 ? due : waiting(read, kind, ['>', now + LAST_RETRY_MS], after)
}

function waiting(read: Read, kind: keyof Messages, [operator, at]: ['<=' | '>', number], after?: Due): Promise<Due[]> {
  const select = read
    .selectFrom('outbox')
    .select(['id', 'kind', 'payload', 'nextAttemptAt', 'attempts'])
    .where('kind', '=', kind)
    .where('sentAt', 'is', null)
    .where('setAside', 'is', null)
    .where('attemptAt', 'is', null)
    .where('nextAttemptAt', operator, at)
    .orderBy('nextAttemptAt')
    .orderBy('id')
    .limit(BATCH)
  if (after === undefined) return select.execute()
  const { nextAttemptAt, id } = after
  return select
    .where(({ eb, refTuple, tuple }) => eb(refTuple('nextAttemptAt', 'id'), '>', tuple(nextAttemptAt, id)))
    .execute()
}

const SENT_KEY = 'sends'

/**
 * Stores the kinds of messages that this start delivers, so that a command can say at once that its message would wait.
 */
export async function noteSent(tx: Tx, kinds: readonly string[]): Promise<void> {
  const row = { key: SENT_KEY, value: kinds.toSorted().join(' ') }
  await tx
    .insertInto('meta')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute()
}

export async function isSent(tx: Tx, kind: keyof Messages): Promise<boolean> {
  const row = await tx.selectFrom('meta').select('value').where('key', '=', SENT_KEY).executeTakeFirst()
  return row?.value.split(' ').includes(kind) ?? false
}
