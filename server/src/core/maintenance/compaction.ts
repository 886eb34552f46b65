/**
 * Removes data that only a device away for longer than the horizon could need: the old end of the log, updates that are
 * merged into their documents, audiences that have ended, and the inputs and outputs of decided commands.
 *
 * 1. The log is cut first, and everything else only below its remaining start: a device whose cursor the log still has
 *    can be told every change since, even if this stops half-way.
 * 2. The newest revision before the horizon stays: the cursor of every device seen since is at or past it.
 * 3. A receipt stays for ever, so that a command takes effect once.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { Instant } from '@rejoin/shared/values.ts'
import { command } from '../command.ts'
import type { Commits } from '../commit/commit.ts'
import type { Read, Tx } from '../storage/db.ts'
import { foldUpdates } from '../documents/state.ts'
import { EVERYBODY } from '../hub.ts'
import { SYSTEM_ID } from '../ids.ts'
import { prepared } from '../storage/prepared.ts'

const DAY_MS = 24 * 3_600_000
/** Rows in one command: other commands wait for it. */
const BATCH = 500
/** Documents in one command, each of which is loaded. */
const DOCUMENTS = 20

interface Compacted {
  readonly commits: Pick<Commits, 'commitOrThrow'>
  readonly config: { readonly horizonDays: number }
  now(): number
}

/** Resolves when no removable data older than the horizon is left. */
export async function compact({ commits, config, now }: Compacted): Promise<void> {
  const as = { actorId: SYSTEM_ID }
  await commits.commitOrThrow(tellHead, {}, as)
  // One day more, since connected devices are told the head once a day.
  const before = Math.max(0, now() - (config.horizonDays + 1) * DAY_MS)
  let removed = 1
  while (removed > 0) removed = (await commits.commitOrThrow(compactSome, { before }, as)).output
}

/** The first `seq` that the log still has, or 0: earlier commits are no longer known one by one. */
export function floorOf(read: Read): number {
  const [row] = oldestRevision(read, {})
  return row?.seq ?? 0
}

const oldestRevision = prepared()((read) => read.selectFrom('revision').select('seq').orderBy('seq').limit(1))

/** The cursor of a connected device whose scope did not change for weeks is where the log is about to be cut. */
const tellHead = command({
  name: 'log.tell-head',
  input: z.object({}),
  run({ wake }) {
    wake(EVERYBODY)
  },
})

const compactSome = command({
  name: 'log.compact',
  input: z.object({ before: Instant }),
  async run({ tx, now }, { before }): Promise<number> {
    const cut = await cutLog(tx, { before, now })
    if (cut > 0) return cut
    const floor = floorOf(tx)
    return (
      (await mergeUpdates(tx, floor)) +
      (await forgetGenerations(tx, floor)) +
      (await forgetAudiences(tx, floor)) +
      (await emptyReceipts(tx, before))
    )
  },
})

async function cutLog(tx: Tx, { before, now }: { before: number; now: number }): Promise<number> {
  const rows = await tx
    .selectFrom('revision')
    .select(['seq', 'at'])
    .orderBy('seq')
    .limit(BATCH + 1)
    .execute()
  const young = rows.findIndex(({ at }, index) => index > 0 && at > before && at <= now)
  const old = young === -1 ? rows : rows.slice(0, young)
  // A clock that was ahead wrote later times than now: such a row is old if the next row with a plausible time is.
  const next = young === -1 ? await nextKnown(tx, rows.at(-1)?.seq ?? 0, now) : rows[young]
  const isAllOld = next === undefined ? (rows.at(-1)?.at ?? 0) <= before : next.at <= before
  const count = Math.max(0, isAllOld ? old.length - 1 : old.findLastIndex(({ at }) => at <= before))
  const first = rows[count]
  if (first !== undefined) await tx.deleteFrom('revision').where('seq', '<', first.seq).execute()
  return count
}

function nextKnown(tx: Tx, seq: number, now: number): Promise<{ at: number } | undefined> {
  const later = tx.selectFrom('revision').select('at').where('seq', '>', seq).where('at', '<=', now)
  return later.orderBy('seq').limit(1).executeTakeFirst()
}

async function mergeUpdates(tx: Tx, floor: number): Promise<number> {
  const old = tx.selectFrom('documentUpdate').select('documentId').where('seq', '<', floor)
  const rows = await old.orderBy('seq').limit(BATCH).execute()
  const ids = [...new Set(rows.map(({ documentId }) => documentId))].slice(0, DOCUMENTS)
  for (const documentId of ids) await foldUpdates(tx, documentId, floor)
  return rows.length
}

async function forgetGenerations(tx: Tx, floor: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('formerDocument')
    .where('endedSeq', '<', floor)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

async function forgetAudiences(tx: Tx, floor: number): Promise<number> {
  const ended = tx.selectFrom('audience').select('toSeq').where('toSeq', '<', floor)
  const rows = await ended.orderBy('toSeq').limit(BATCH).execute()
  const last = rows.at(-1)?.toSeq
  if (last !== null && last !== undefined) await tx.deleteFrom('audience').where('toSeq', '<=', last).execute()
  return rows.length
}

async function emptyReceipts(tx: Tx, before: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update receipt set input = null, output = null where number in (
      select number from receipt
      where "recordedAt" < ${before} and outcome <> 'parked' and coalesce(input, output) is not null
      order by "recordedAt" limit ${sql.lit(BATCH)}
    )`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
