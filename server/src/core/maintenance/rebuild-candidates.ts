/** The documents that are large enough to be rebuilt: found among all, in a thread. */
import { sql } from 'kysely'
import { report } from '../reports.ts'

/** A smaller document costs little, even if it consists of traces. */
const MIN_STATE_BYTES = 16 * 1024

export const candidatesReport = report({
  name: 'documents.candidates',
  what: 'find large documents',
  hint: 'Set REJOIN_REPORT_MS higher.',
  must: () => undefined,
  async read({ read }, _: null): Promise<string[]> {
    const carried = read.selectFrom('audience').select('documentId').where('toSeq', 'is', null)
    const renewed = read.selectFrom('formerDocument').select('documentId')
    const select = read
      .selectFrom('document')
      .select('id')
      .where(sql`length(state)`, '>', MIN_STATE_BYTES)
    const rows = await select.where('id', 'in', carried).where('id', 'not in', renewed).execute()
    return rows.map(({ id }) => id)
  },
})
