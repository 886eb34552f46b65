/** When the work of a device counts, and what it waits for: asked by the commit loop for each command of a device. */
import { sql } from 'kysely'
import { effectiveTime, type EffectiveTime } from '@rejoin/shared/sync/time.ts'
import type { DeviceRules, Origin } from '../../core/commit/ports.ts'
import type { Kinds, StoredKind } from '../../core/documents/kinds.ts'
import type { Tx } from '../../core/storage/db.ts'
import { prepared } from '../../core/storage/prepared.ts'
import { waitFor } from './causes.ts'

export function deviceRules(kinds: Kinds): DeviceRules {
  return {
    waitsFor: (tx, origin, command) => waitFor(tx, kinds, origin, command),
    effectiveTime: (tx, origin) => timeOf(tx, kinds, origin),
  }
}

function timeOf(tx: Tx, kinds: Kinds, { subjectId, seen, made }: Origin): EffectiveTime {
  const kind = subjectId === null ? null : kinds.of(tx, subjectId)
  const notBefore = subjectId === null ? 0 : earliestTime(tx, kind, { documentId: subjectId, seen })
  if (made.by === 'verdict') return formerTime({ ...made, notBefore })
  const limit = subjectId === null || kind === null ? {} : { maxBackdateMs: kind.maxBackdateMs(tx, subjectId) }
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

/** The author acted after the document was created, and after the last change of it that they had seen was committed. */
function earliestTime(
  tx: Tx,
  kind: StoredKind | null,
  { documentId, seen }: { documentId: string; seen: number },
): number {
  const createdAt = kind?.createdAt(tx, documentId) ?? 0
  return Math.max(createdAt, lastChange(tx, { documentId, seen })[0]?.at ?? 0)
}

const lastChange = prepared<{ documentId: string; seen: number }>()((read, param) =>
  read
    .selectFrom('documentUpdate')
    .innerJoin('revision', 'revision.seq', 'documentUpdate.seq')
    .select('revision.at')
    .where('documentId', '=', param('documentId'))
    .where('documentUpdate.seq', '<=', param('seen'))
    .orderBy('documentUpdate.seq', 'desc')
    .limit(sql.lit(1)),
)
