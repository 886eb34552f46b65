/** Goes through the audit log from its first row, and finds rows that were changed, taken out, put in or cut off. */
import { z } from 'zod'
import { chained, EMPTY, HEAD_KEY, type AuditHead, type AuditRow } from '../../core/audit.ts'
import type { Read } from '../../core/storage/db.ts'
import { parsedAs } from '../../core/storage/stored-json.ts'

export interface AuditReport {
  readonly rows: number
  /** The last row; to be kept elsewhere, and compared the next time. */
  readonly head: AuditHead
  /** The fault, in a sentence; null when there is none. */
  readonly problem: string | null
}

const ROWS_AT_ONCE = 1000
const Head = z.object({ number: z.int(), hash: z.string() })

/** With `noted`, a head that was kept elsewhere, it also finds a log that was rewritten from some row on. */
export async function verifyAudit(read: Read, noted: AuditHead | null = null): Promise<AuditReport> {
  let last: AuditHead = EMPTY
  let rows = 0
  let problem: string | null = null
  for await (const row of everyRow(read)) {
    problem ??= problemOf(row, last, noted)
    last = row
    rows += 1
  }
  const head = { number: last.number, hash: last.hash }
  return { rows, head, problem: problem ?? (await problemAtEnd(read, head, noted)) }
}

function problemOf(row: AuditRow, last: AuditHead, noted: AuditHead | null): string | null {
  if (row.number !== last.number + 1) return `Row ${last.number + 1} is missing.`
  if (row.hash !== chained(last.hash, row)) return `Row ${row.number} was changed, or does not belong there.`
  if (row.number === noted?.number && row.hash !== noted.hash)
    return `Row ${row.number} differs from the recorded head.`
  return null
}

async function problemAtEnd(read: Read, head: AuditHead, noted: AuditHead | null): Promise<string | null> {
  const kept = await headKept(read)
  if (head.number < kept.number) return `Rows ${head.number + 1} to ${kept.number} were removed from the end.`
  if (head.number > kept.number || head.hash !== kept.hash) return `The last row differs from the stored head.`
  if (noted !== null && head.number < noted.number) return `Row ${noted.number}, the recorded head, is missing.`
  return null
}

async function headKept(read: Read): Promise<AuditHead> {
  const row = await read.selectFrom('meta').select('value').where('key', '=', HEAD_KEY).executeTakeFirst()
  if (row === undefined) return EMPTY
  return parsedAs(read, row.value, 'The stored head of the audit log', (json) => Head.parse(json)) ?? EMPTY
}

async function* everyRow(read: Read): AsyncGenerator<AuditRow> {
  for (let after = 0; ;) {
    const rows = await read
      .selectFrom('audit')
      .selectAll()
      .where('number', '>', after)
      .orderBy('number')
      .limit(ROWS_AT_ONCE)
      .execute()
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.number
  }
}
