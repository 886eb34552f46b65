/** When the work of a device counts, and what it waits for: asked by the commit loop for each command of a device. */
import { sql } from 'kysely'
import { effectiveTime, type EffectiveTime } from '@rejoin/shared/sync/time.ts'
import type { DeviceRules, Origin } from '../../core/commit/ports.ts'
import type { Tx } from '../../core/storage/db.ts'
import { prepared } from '../../core/storage/prepared.ts'
import { maxBackdateMs } from '../../slices/sla/queries.ts'
import { waitFor } from './causes.ts'

export const DEVICE_RULES: DeviceRules = { waitsFor: waitFor, effectiveTime: timeOf }

function timeOf(tx: Tx, { subjectId, seen, made }: Origin): EffectiveTime {
  const notBefore = subjectId === null ? 0 : earliestTime(tx, subjectId, seen)
  if (made.by === 'verdict') return formerTime({ ...made, notBefore })
  const limit = subjectId === null ? {} : { maxBackdateMs: maxBackdateMs(tx, subjectId) }
  return effectiveTime({ ...made, notBefore, ...limit })
}

/** The time of work decided before a restore: it is known, and the limit on back-dating does not apply again. */
function formerTime({
  effectiveAt,
  notBefore,
  receivedAt,
  lostAfter,
}: Extract<Origin['made'], { by: 'verdict' }> & { readonly notBefore: number }): EffectiveTime {
  const clamped = Math.min(Math.max(effectiveAt, notBefore), receivedAt)
  if (clamped < lostAfter) return { effectiveAt: receivedAt, clockSuspect: true, claimedAt: clamped }
  return { effectiveAt: clamped, clockSuspect: false, claimedAt: null }
}

/** The author acted after the ticket was created, and after the last change of it that they had seen was committed. */
function earliestTime(tx: Tx, ticketId: string, seen: number): number {
  const createdAt = creation(tx, { ticketId })[0]?.createdAt ?? 0
  return Math.max(createdAt, lastChange(tx, { ticketId, seen })[0]?.at ?? 0)
}

const creation = prepared<{ ticketId: string }>()((read, param) =>
  read.selectFrom('ticket').select('createdAt').where('id', '=', param('ticketId')),
)

const lastChange = prepared<{ ticketId: string; seen: number }>()((read, param) =>
  read
    .selectFrom('documentUpdate')
    .innerJoin('revision', 'revision.seq', 'documentUpdate.seq')
    .select('revision.at')
    .where('documentId', '=', param('ticketId'))
    .where('documentUpdate.seq', '<=', param('seen'))
    .orderBy('documentUpdate.seq', 'desc')
    .limit(sql.lit(1)),
)
