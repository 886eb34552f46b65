/**
 * The outbox: messages for the outside that commands wrote in their own transaction, delivered by a job.
 *
 * 1. An attempt is on disk before it begins and its result after it ends, so at most one attempt of a message is open.
 * 2. A message is tried again only after an attempt that is known to have failed. One that may have gone out (the
 *    program was killed meanwhile, the other side fell silent) is set aside as `unknown`: a person decides.
 * 3. What is refused for good, or failed too often, is set aside as well. Nothing is dropped.
 * 4. A message that has gone out keeps no content.
 */
import { z } from 'zod'
import { command } from './commit/command.ts'
import type { Commits } from './commit/commit.ts'
import type { Messages, Read, Tx } from './db.ts'
import { SYSTEM_ID } from './ids.ts'
import { storedJson } from './stored-json.ts'
import type { SetAside } from './tables.ts'

/**
 * Delivers one kind of message. Throws `Undelivered` where trying again does not help or is not safe, and anything else
 * where it does.
 */
export type Sender<Payload> = (message: { id: string; payload: Payload }) => Promise<void>
export type Senders = { readonly [Kind in keyof Messages]?: Sender<Messages[Kind]> }

/** `rejected`: the other side refused it for good. `unknown`: nobody knows whether it has it. */
export class Undelivered extends Error {
  readonly setAside: SetAside

  constructor(setAside: 'rejected' | 'unknown', message: string) {
    super(message)
    this.name = 'Undelivered'
    this.setAside = setAside
  }
}

const FIRST_RETRY_MS = 5000
const LAST_RETRY_MS = 6 * 3_600_000
/** The last one is two and a half days after the first. */
const MAX_ATTEMPTS = 20
const BATCH = 50
const DAMAGED = {}

const beginAttempt = command({
  name: 'outbox.begin-attempt',
  input: z.object({ id: z.string() }),
  run: async ({ tx, now }, { id }) =>
    void (await tx.updateTable('outbox').set({ attemptAt: now }).where('id', '=', id).execute()),
})

const endAttempt = command({
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

/** At the start of the program no attempt goes on, so one that is open was cut off. */
export async function setAsideCutOff(tx: Tx): Promise<void> {
  await tx
    .updateTable('outbox')
    .set((row) => ({
      attempts: row('attempts', '+', 1),
      attemptAt: null,
      setAside: 'unknown',
      lastError: 'The server stopped while it was being sent.',
    }))
    .where('attemptAt', 'is not', null)
    .where('sentAt', 'is', null)
    .where('setAside', 'is', null)
    .execute()
}

interface Ports {
  readonly read: Read
  readonly commits: Commits
  now(): number
}

/** Sends what is due, until `signal`. Messages of a kind without a sender wait. */
export async function deliverOutbox(
  { read, commits, now }: Ports,
  senders: Senders,
  signal: AbortSignal,
): Promise<void> {
  const due: Due[] = []
  // Each kind by itself, in its own order: SQLite would sort all that waits.
  for (const kind of Object.keys(senders) as (keyof Messages)[]) due.push(...(await dueOf(read, kind, now())))
  for (const { id, kind, payload } of due) {
    if (signal.aborted) return
    await commits.commitOrThrow(beginAttempt, { id }, { actorId: SYSTEM_ID })
    const content = storedJson<Messages[typeof kind] | object>(read, payload, `The content of message ${id}`, DAMAGED)
    const failure =
      content === DAMAGED
        ? { error: 'Its content is damaged in the database.', setAside: 'rejected' as const }
        : await attempt(senders[kind] as Sender<Messages[typeof kind]> | undefined, {
            id,
            payload: content as Messages[typeof kind],
          })
    await commits.commitOrThrow(endAttempt, { id, failure }, { actorId: SYSTEM_ID })
  }
}

interface Due {
  readonly id: string
  readonly kind: keyof Messages
  readonly payload: string
}

/** Also those that are further away than any wait: they were written by a clock that was ahead. */
async function dueOf(read: Read, kind: keyof Messages, now: number): Promise<Due[]> {
  const due = await waiting(read, kind, ['<=', now])
  return due.length > 0 ? due : waiting(read, kind, ['>', now + LAST_RETRY_MS])
}

function waiting(read: Read, kind: keyof Messages, [operator, at]: ['<=' | '>', number]): Promise<Due[]> {
  return read
    .selectFrom('outbox')
    .select(['id', 'kind', 'payload'])
    .where('kind', '=', kind)
    .where('sentAt', 'is', null)
    .where('setAside', 'is', null)
    .where('nextAttemptAt', operator, at)
    .orderBy('nextAttemptAt')
    .orderBy('id')
    .limit(BATCH)
    .execute()
}

async function attempt<Payload>(sender: Sender<Payload> | undefined, message: { id: string; payload: Payload }) {
  try {
    await sender?.(message)
    return null
  } catch (error) {
    const setAside = error instanceof Undelivered ? error.setAside : null
    return { error: error instanceof Error ? error.message : String(error), setAside }
  }
}
