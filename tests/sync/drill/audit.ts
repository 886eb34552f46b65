/** Compares the database after a drill with the verdicts that devices had received. */
import type { Outcome } from '@rejoin/shared/sync/verdicts.ts'
import { rowsOnDisk, verdictsOnDisk } from '../../harness/database.ts'
import type { Verdicts } from '../faults/said.ts'
import type { Worker } from './crew.ts'

export interface Audit {
  /** Commands with a verdict that a device had received, refusals excepted. */
  readonly acknowledged: number
  /** Of those, the ones that the backup did not have. */
  readonly lost: number
  /** The outcomes of the lost ones when they were judged again. */
  readonly again: Readonly<Record<Outcome, number>>
  /** The reasons of those that were refused then. */
  readonly reasons: readonly string[]
  /** Of the lost ones, those that the database does not know in the end. */
  readonly missing: number
  /** Effects that are there more than once. */
  readonly twice: number
}

export function acknowledgedBy(crew: readonly Worker[]): Set<string> {
  const told = crew.flatMap(({ device }) => device.verdicts())
  return new Set(told.filter(({ outcome }) => outcome !== 'refused').map(({ id }) => id))
}

export function audit(dataDir: string, acknowledged: ReadonlySet<string>, backup: Verdicts): Audit {
  const now = verdictsOnDisk(dataDir)
  const lost = [...acknowledged].filter((id) => !backup.has(id))
  const again = { applied: 0, adjusted: 0, parked: 0, refused: 0 }
  const reasons: string[] = []
  for (const id of lost) {
    const verdict = now.get(id)
    if (verdict !== undefined) again[verdict.outcome] += 1
    if (verdict?.outcome === 'refused') reasons.push(`${verdict.code}: ${verdict.message}`)
  }
  const missing = lost.filter((id) => !now.has(id)).length
  return { acknowledged: acknowledged.size, lost: lost.length, again, reasons, missing, twice: countTwice(dataDir) }
}

/** The log shows every effect, so an effect that came twice is there twice under the id that its author gave it. */
function countTwice(dataDir: string): number {
  const id = "coalesce(payload ->> 'commentId', payload ->> 'workId', subjectId)"
  const types = "('comment-added', 'work-logged', 'ticket-created')"
  const query = `select type, ${id} from event where type in ${types} group by type, ${id} having count(*) > 1`
  return rowsOnDisk(dataDir, query).length
}
