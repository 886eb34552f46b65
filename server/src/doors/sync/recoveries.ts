/**
 * The recovery report: the work that devices brought back after a restore, by start of the server and device. It is
 * written after the work that it counts: a crash between them costs a count, never the work.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { Id } from '@rejoin/shared/values.ts'
import { mustAnywhere } from '../../slices/accounts/queries.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { isBeyond } from '../../core/input/paging.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { RecoveryPage } from './contract.ts'
import type { RecoveryTable } from './tables.ts'

interface ReportApp {
  readonly commits: Commits
  readonly clientId: number
}

const OnDevice = z.object({ serverStart: z.int(), deviceId: Id })
const Since = OnDevice.extend({ since: z.int() })
const Counts = Since.extend({ offered: z.int(), recovered: z.int(), parked: z.int(), refused: z.int() })

const NOTHING = { offered: 0, recovered: 0, parked: 0, refused: 0, finishedAt: null }

const begin = command({
  name: 'recovery.begin',
  input: Since,
  async run({ tx, actor, now }, { serverStart, deviceId, since }) {
    const known = await findRecovery(tx, { serverStart, deviceId })
    if (known === undefined) {
      const row = { serverStart, deviceId, userId: actor.id, since, beganAt: now, ...NOTHING }
      await tx.insertInto('recovery').values(row).execute()
    } else if (known.finishedAt === null) {
      // The device was cut off and offers everything again.
      const update = tx.updateTable('recovery').set({ since, offered: 0 })
      await update.where('serverStart', '=', serverStart).where('deviceId', '=', deviceId).execute()
    }
  },
})

const count = command({
  name: 'recovery.count',
  input: Counts,
  async run({ tx, actor, now }, { serverStart, deviceId, since, ...more }) {
    const known = await findRecovery(tx, { serverStart, deviceId })
    // A device that was only unsure of its last verdicts is no recovery, unless something was lost.
    if (known === undefined && more.recovered + more.parked + more.refused === 0) return
    const before = known ?? { serverStart, deviceId, userId: actor.id, since, beganAt: now, ...NOTHING }
    const row = {
      ...before,
      offered: before.offered + more.offered,
      recovered: before.recovered + more.recovered,
      parked: before.parked + more.parked,
      refused: before.refused + more.refused,
    }
    await tx
      .insertInto('recovery')
      .values(row)
      .onConflict((conflict) => conflict.columns(['serverStart', 'deviceId']).doUpdateSet(row))
      .execute()
  },
})

const finish = command({
  name: 'recovery.finish',
  input: OnDevice,
  async run({ tx, now }, { serverStart, deviceId }) {
    const known = await findRecovery(tx, { serverStart, deviceId })
    if (known === undefined) return null
    const update = tx.updateTable('recovery').set({ finishedAt: now })
    await update.where('serverStart', '=', serverStart).where('deviceId', '=', deviceId).execute()
    return { ...known, finishedAt: now, known: knownOf(known) }
  },
})

export async function beginRecovery(
  { commits, clientId: serverStart }: ReportApp,
  actorId: string,
  recovery: { deviceId: string; since: number },
): Promise<void> {
  await commits.commitOrThrow(begin, { serverStart, ...recovery }, { actorId })
}

export async function countOffered(
  { commits, clientId: serverStart }: ReportApp,
  actorId: string,
  counts: Omit<z.input<typeof Counts>, 'serverStart'>,
): Promise<void> {
  await commits.commitOrThrow(count, { serverStart, ...counts }, { actorId })
}

/** Returns the report on the device, or null when nothing was lost. */
export async function finishRecovery(
  { commits, clientId: serverStart }: ReportApp,
  actorId: string,
  deviceId: string,
): Promise<(RecoveryTable & { known: number }) | null> {
  const { output } = await commits.commitOrThrow(finish, { serverStart, deviceId }, { actorId })
  return output
}

/** The devices that have reconciled, the latest first. Administrators only. */
export async function recoveries({ read, actor }: QueryContext, page: RecoveryPage) {
  mustAnywhere(actor, 'recovery.read')
  return await recoveryReport(read, page)
}

/** One entry for each start of the server to which devices brought back lost work. */
export async function recoveryReport(read: Read, { limit, after }: RecoveryPage) {
  const beganAt = sql<number>`min("beganAt")`
  let starts = read
    .selectFrom('recovery')
    .select('serverStart')
    .groupBy('serverStart')
    .orderBy(beganAt, 'desc')
    .orderBy('serverStart', 'desc')
    .limit(limit)
  if (after !== undefined) {
    const order = [[beganAt, after.beganAt] as const, [sql.ref('serverStart'), after.serverStart] as const]
    starts = starts.having(isBeyond('desc', order))
  }
  const rows = await read
    .selectFrom('recovery')
    .selectAll()
    .where('serverStart', 'in', starts)
    .orderBy('beganAt', 'desc')
    .orderBy('deviceId')
    .execute()
  const entries = [...Map.groupBy(rows, ({ serverStart }) => serverStart)].map(([serverStart, devices]) => ({
    serverStart,
    beganAt: Math.min(...devices.map(({ beganAt }) => beganAt)),
    finished: devices.filter(({ finishedAt }) => finishedAt !== null).length,
    offered: sum(devices, ({ offered }) => offered),
    recovered: sum(devices, ({ recovered }) => recovered),
    parked: sum(devices, ({ parked }) => parked),
    refused: sum(devices, ({ refused }) => refused),
    known: sum(devices, knownOf),
    devices: devices.map(({ serverStart: _, ...device }) => ({ ...device, known: knownOf(device) })),
  }))
  return entries.toSorted((one, other) => other.beganAt - one.beganAt || other.serverStart - one.serverStart)
}

/** How many of the offered commands the database had not lost. */
function knownOf(row: Omit<RecoveryTable, 'serverStart'>): number {
  return Math.max(0, row.offered - row.recovered - row.parked - row.refused)
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}

function findRecovery(read: Read, { serverStart, deviceId }: Pick<RecoveryTable, 'serverStart' | 'deviceId'>) {
  const select = read.selectFrom('recovery').selectAll().where('serverStart', '=', serverStart)
  return select.where('deviceId', '=', deviceId).executeTakeFirst()
}
