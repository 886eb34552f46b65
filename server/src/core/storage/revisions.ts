/** The revisions of the database: each committed change has a number and a random tag, and a restore undoes both. */
import { sql } from 'kysely'
import type { LogPosition } from '@rejoin/shared/sync/wire.ts'
import type { Read } from './db.ts'
import { prepared } from './prepared.ts'

export const NOWHERE: LogPosition = { cursor: 0, tag: '' }

/** The newest committed change. */
export function headOf(read: Read): LogPosition {
  const [row] = newest(read, {})
  return row === undefined ? NOWHERE : { cursor: row.seq, tag: row.tag }
}

const newest = prepared()((read) =>
  read.selectFrom('revision').select(['seq', 'tag']).orderBy('seq', 'desc').limit(sql.lit(1)),
)

/** Whether this database committed `position`: false after a restore from an older backup. */
export function knows(read: Read, { cursor, tag }: LogPosition): boolean {
  return tagAt(read, { cursor })[0]?.tag === tag
}

const tagAt = prepared<{ cursor: number }>()((read, param) =>
  read.selectFrom('revision').select('tag').where('seq', '=', param('cursor')),
)
