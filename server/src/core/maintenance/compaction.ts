/**
 * Lets go of what only a device could need that was away for longer than the horizon: the old end of the log, updates
 * that are merged into their documents, audiences that have ended, and the inputs and outputs of decided commands.
 *
 * 1. The log is cut first, and everything else only below what is left of it: whoever's place the log still has can be
 *    told all that came since, wherever this stops.
 * 2. The newest revision of the horizon stays: whoever was here since stands there or later.
 * 3. A receipt stays for ever, so that a command takes effect once.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { Instant } from '@rejoin/shared/tickets/ticket.ts'
import { command } from '../command.ts'
import type { Commits } from '../commit/commit.ts'
import type { Read, Tx } from '../storage/db.ts'
import { foldUpdates } from '../documents/state.ts'
import { EVERYBODY } from '../hub.ts'
import { SYSTEM_ID } from '../ids.ts'
import { prepared } from '../storage/prepared.ts'

const DAY_MS = 24 * 3_600_000
/** Rows in one command: others wait for it. */
const BATCH = 500
/** Documents in one command, each of which is loaded. */
const DOCUMENTS = 20

interface Compacted {
  readonly commits: Pick<Commits, 'commitOrThrow'>
  readonly config: { readonly horizonDays: number }
  now(): number
}

/** Resolves when nothing is left that is older than the horizon. */
export async function compact({ commits, config, now }: Compacted): Promise<void> {
  const as = { actorId: SYSTEM_ID }
  await commits.commitOrThrow(tellHead, {}, as)
  // A day more, since those who are connected are told the head once a day.
  const before = Math.max(0, now() - (config.horizonDays + 1) * DAY_MS)
  let removed = 1
  while (removed > 0) removed = (await commits.commitOrThrow(compactSome, { before }, as)).output
}

/** The first `seq` that the log still has, or 0: what was committed before is not known one by one any more. */
export function floorOf(read: Read): number {
  const [row] = oldestRevision(read, {})
  return row?.seq ?? 0
}

const oldestRevision = prepared()((read) => read.selectFrom('revision').select('seq').orderBy('seq').limit(1))

/** Whoever is connected and was concerned by nothing for weeks stands where the log is about to end. */
const tellHead = command({
  name: 'log.tell-head',
  input: z.object({}),
  async run({ wake }) {
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
  // A clock that was ahead wrote what is of later than now: such a row is old where the next one of a known time is.
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
