/** Reads an incident log: one row per update of an incident, as ServiceNow's audit export has it. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { describeIssues } from '@rejoin/shared/errors.ts'

/** The file cannot be used; the message is one sentence for the person who named it. */
export class BadLog extends Error {
  override readonly name = 'BadLog'
}

const known = (text: string) => (text === '?' || text === '' ? null : text)
const MAX_CHARS = 120
const Value = z.string().max(MAX_CHARS, `is longer than ${MAX_CHARS} characters`).transform(known)

const Row = z
  .object({
    number: z.string().min(1).max(MAX_CHARS),
    incident_state: z.string().max(MAX_CHARS),
    sys_updated_at: z.string().transform(readTime),
    sys_updated_by: Value,
    category: Value,
    subcategory: Value,
    priority: Value,
    assignment_group: Value,
    assigned_to: Value,
    u_symptom: Value.optional(),
    location: Value.optional(),
  })
  .transform((row) => ({
    incident: row.number,
    state: row.incident_state,
    at: row.sys_updated_at,
    updatedBy: row.sys_updated_by ?? 'somebody',
    category: row.category,
    subcategory: row.subcategory,
    priority: row.priority,
    group: row.assignment_group,
    assignedTo: row.assigned_to,
    symptom: row.u_symptom ?? null,
    location: row.location ?? null,
  }))

/** One update of one incident. Values that the file does not give are null. */
export type Update = z.output<typeof Row> & {
  /** In the file, for people and as the update's own name. */
  readonly line: number
}

/** The updates in the order of their time; those of the same minute as the file has them. Throws `BadLog`. */
export function readLog(file: string): Update[] {
  const records = parseCsv(file)
  const updates = records.map(({ record, info }) => {
    const row = Row.safeParse(record)
    if (row.success) return { ...row.data, line: info.lines }
    throw new BadLog(`${file} is not an incident log: line ${info.lines}, ${describeIssues(row.error)}.`)
  })
  if (updates.length === 0) throw new BadLog(`${file} has no updates.`)
  return updates.toSorted((a, b) => a.at - b.at)
}

const Parsed = z.array(z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.int() }) }))

function parseCsv(file: string): z.output<typeof Parsed> {
  const bytes = readBytes(file)
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    const text = isGzip ? gunzipSync(bytes) : bytes
    return Parsed.parse(parse(text, { columns: true, info: true, bom: true, skip_empty_lines: true }))
  } catch (error) {
    throw new BadLog(`${file} is not a CSV file: ${messageOf(error)}.`, { cause: error })
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new BadLog(`${file} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** `29-02-2016 01:23`, taken as UTC: only the order counts. */
function readTime(text: string, context: z.RefinementCtx): number {
  const [, day, month, year, hour, minute] = /^(\d\d)-(\d\d)-(\d{4}) (\d\d):(\d\d)$/.exec(text) ?? []
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  if (!Number.isNaN(at)) return at
  context.addIssue({ code: 'custom', message: `"${text}" is not a time such as 29-02-2016 01:23` })
  return z.NEVER
}
