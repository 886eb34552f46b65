/** `rejoin import people` and `rejoin export people`, while no server runs on the data directory. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { Refusal } from '@rejoin/shared/errors.ts'
import { NEEDED_COLUMNS, plainCell } from '../accounts/people/csv.ts'
import { exportPeople, takeInPerson } from '../accounts/people/take-in.ts'
import type { Config } from '../config.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { withApp } from './with-app.ts'

const AS_SYSTEM = { actorId: SYSTEM_ID }

interface Line {
  readonly line: number
  readonly cells: Readonly<Record<string, string>>
}

/** Adds whoever is not there yet, and names each line that it leaves out. Throws `Refusal` for what is no file of people. */
export async function importPeople(config: Config, path: string): Promise<void> {
  const lines = linesOf(path)
  const leftOut: string[] = []
  const count = { added: 0, there: 0 }
  await withApp(config, async ({ commits }) => {
    for (const { line, cells } of lines) {
      const { output, message } = await commits.commit(takeInPerson, cells, AS_SYSTEM)
      if (output === undefined) leftOut.push(`line ${line}: ${message ?? 'it could not be taken in'}`)
      else count[output.isNew ? 'added' : 'there'] += 1
    }
  })
  const summary = `${lines.length} rows: ${count.added} added, ${count.there} there already, ${leftOut.length} left out`
  process.stdout.write(`${[summary, ...leftOut].join('\n')}\n`)
  if (leftOut.length > 0) process.exitCode = 1
}

/** Writes to the file, or to standard output without one. */
export async function exportPeopleTo(config: Config, path: string | undefined): Promise<void> {
  await withApp(config, async ({ commits }) => {
    const { output } = await commits.commitOrThrow(exportPeople, {}, AS_SYSTEM)
    if (path === undefined) process.stdout.write(output)
    // What is in it concerns whoever asked for it.
    else writeFileSync(path, output, { mode: 0o600 })
  })
}

function linesOf(path: string): Line[] {
  const [header, ...records] = recordsOf(path)
  const columns = header?.record.map((name) => name.trim().toLowerCase()) ?? []
  const lacking = NEEDED_COLUMNS.filter((name) => !columns.includes(name))
  if (lacking.length > 0) {
    const message = `${path} is no file of people: it lacks the columns ${lacking.join(', ')}.`
    throw new Refusal('invalid', message, 'The first line names them; `rejoin export people` shows how.')
  }
  return records.map(({ record, info }) => ({
    line: info.lines,
    cells: Object.fromEntries(columns.map((name, index) => [name, plainCell(record[index] ?? '').trim()])),
  }))
}

interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

function recordsOf(path: string): CsvRecord[] {
  try {
    // With `info`, which its types do not know of, a record comes with where it was.
    return parse(readFileSync(path), {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as CsvRecord[]
  } catch (error) {
    throw new Refusal(
      'invalid',
      `${path} cannot be read as CSV: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
