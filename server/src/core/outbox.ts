/**
 * The outbox: messages for the outside that commands wrote in their own transaction, delivered by a job with the
 * row's id as idempotency key. A message that fails is tried again later and later, and never lost.
 */
import { z } from 'zod'
import { command } from './commit/command.ts'
import type { Commits } from './commit/commit.ts'
import type { Read } from './db.ts'
import { SYSTEM_ID } from './ids.ts'

/** Delivers one kind of message. May be called again with the same id after a crash. Throws when it could not. */
export type Sender = (message: { id: string; payload: unknown }) => Promise<void>

const FIRST_RETRY_MS = 5000
const LAST_RETRY_MS = 6 * 3_600_000
const BATCH = 50

const settleMessage = command({
  name: 'outbox.settle',
  input: z.object({ id: z.string(), error: z.string().nullable() }),
  async run({ tx, now }, { id, error }) {
    const row = await tx.selectFrom('outbox').select('attempts').where('id', '=', id).executeTakeFirstOrThrow()
    const attempts = row.attempts + 1
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS)
    const change = error === null ? { sentAt: now } : { nextAttemptAt: now + delayMs }
    await tx
      .updateTable('outbox')
      .set({ attempts, lastError: error, ...change })
      .where('id', '=', id)
      .execute()
  },
})

/** Sends what is due. Messages of a kind without a sender wait. */
export async function deliverOutbox(
  { read, commits, now }: { read: Read; commits: Commits; now: () => number },
  senders: Readonly<Record<string, Sender>>,
): Promise<void> {
  const kinds = Object.keys(senders)
  if (kinds.length === 0) return
  const due = await read
    .selectFrom('outbox')
    .select(['id', 'kind', 'payload'])
    .where('sentAt', 'is', null)
    .where('nextAttemptAt', '<=', now())
    .where('kind', 'in', kinds)
    .orderBy('nextAttemptAt')
    .limit(BATCH)
    .execute()
  for (const { id, kind, payload } of due) {
    const error = await attempt(senders[kind], { id, payload: JSON.parse(payload) as unknown })
    await commits.commitOrThrow(settleMessage, { id, error }, { actorId: SYSTEM_ID })
  }
}

async function attempt(sender: Sender | undefined, message: { id: string; payload: unknown }): Promise<string | null> {
  try {
    await sender?.(message)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
