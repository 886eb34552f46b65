/** Finds documents that are too large, from before there was a limit. */
import { sql } from 'kysely'
import { DELIVERABLE_BYTES, DOCUMENT_BYTES } from '@rejoin/shared/budgets.ts'
import type { Read } from '../../core/storage/db.ts'
import { fine, type Finding } from './finding.ts'

const NAMED = 10

export async function lookAtSizes(read: Read): Promise<Finding> {
  const rows = await read
    .selectFrom('document')
    .innerJoin('ticket', 'ticket.id', 'document.id')
    .select(['ticket.number', sql<number>`length(document.state)`.as('bytes')])
    .where(sql`length(document.state)`, '>', DOCUMENT_BYTES)
    .orderBy('bytes', 'desc')
    .orderBy('ticket.id')
    .execute()
  const [largest] = rows
  if (largest === undefined) return fine('sizes', 'Every ticket fits on every device.')
  const named = rows.slice(0, NAMED).map(({ number, bytes }) => `${number} (${bytes} bytes)`)
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : ''
  const message = `${rows.length} tickets have more than ${DOCUMENT_BYTES} bytes: ${named.join(', ')}${more}.`
  const hint =
    `Devices take up to ${DELIVERABLE_BYTES} bytes; people can work on a larger ticket only online. ` +
    'Shorten its texts and custom fields, or continue in a follow-up ticket.'
  return { check: 'sizes', severity: largest.bytes > DELIVERABLE_BYTES ? 'error' : 'note', message, hint }
}
