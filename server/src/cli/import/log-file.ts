/**
 * The log as a stream of rows with their line numbers: a CSV file, plain or gzipped, never as a whole in memory. It
 * refuses a file that cannot be an incident log before anything is written, and does not interpret rows.
 */
import { createReadStream, type ReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parse, type Parser } from 'csv-parse'
import { Refusal } from '@rejoin/shared/errors.ts'
import { dialectOf, LINE_ENDS } from '../../core/input/csv-dialect.ts'
import { textBlocks, unreadable } from '../../core/input/outside-text.ts'
import { NEEDED_COLUMNS } from './incident-row.ts'

/** A record longer than this is a quote that was never closed. */
const MAX_RECORD_BYTES = 1024 * 1024

/** How many rows are held at once. */
const WINDOW = 200

interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

export interface LogRow {
  /** The line of the file on which the row ends. */
  readonly line: number
  /** Cells by column, or why they cannot be separated. */
  readonly cells: Readonly<Record<string, string>> | string
}

export interface LogFile extends Disposable {
  /** The size of the file as stored. */
  readonly bytes: number
  bytesRead(): number
  /** The rows in their order, some at a time. Throws `Refusal` if the file turns out to be damaged. */
  readonly windows: AsyncIterable<readonly LogRow[]>
}

/**
 * Opens a log, checks its columns and reads its first rows. Throws `Refusal` if it is no incident log. `encoding`
 * applies to a file without a byte order mark; without either it is UTF-8.
 */
export async function openLog(path: string, encoding?: string): Promise<LogFile> {
  const { bytes, isGzip } = await look(path)
  await mustBeText(path, { isGzip, encoding })
  const source = createReadStream(path)
  const { parser, isTold } = await parserOf(path, textBlocks(unpacked(source, isGzip), { name: path, encoding }))
  const records = recordsOf(path, parser)
  // The line above the names may give the delimiter.
  if (isTold) await records.next()
  const first = await records.next()
  if (first.done === true) throw new Refusal('invalid', `${path} is empty.`)
  const columns = first.value.record.map((name) => name.trim())
  assertColumns(path, columns)
  const windows = windowsOf(rowsOf(records, columns))
  const start = await windows.next()
  if (start.done === true) throw new Refusal('invalid', `${path} has columns but no rows.`)
  return {
    bytes,
    bytesRead: () => source.bytesRead,
    windows: continued(start.value, windows),
    [Symbol.dispose]: () => void parser.destroy(),
  }
}

/**
 * Reads the file once to its end, so that nothing is imported of a file whose end is damaged or in another encoding.
 */
async function mustBeText(
  path: string,
  { isGzip, encoding }: { isGzip: boolean; encoding: string | undefined },
): Promise<void> {
  try {
    for await (const _ of textBlocks(unpacked(createReadStream(path), isGzip), { name: path, encoding }));
  } catch (error) {
    throw asRefusal(path, error)
  }
}

/** The reader gets the errors of both, so no callback waits for them here. */
function unpacked(source: ReadStream, isGzip: boolean): AsyncIterable<Uint8Array> {
  return isGzip ? pipeline(source, createGunzip(), () => undefined) : source
}

/** A parser for the records of a text, which begins with the names of its columns. */
async function parserOf(path: string, text: AsyncGenerator<string>): Promise<{ parser: Parser; isTold: boolean }> {
  const first = await firstOf(path, text)
  const { delimiter, isTold } = dialectOf(first, NEEDED_COLUMNS)
  const parser = parse({
    delimiter,
    record_delimiter: LINE_ENDS,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
  })
  // The reader of the records gets the error. If reading was given up, the error only says that.
  pipeline(Readable.from(continued(first, text)), parser, (error) => {
    if (error !== null && error !== undefined && !parser.destroyed) parser.destroy(error)
  })
  return { parser, isTold }
}

async function firstOf(path: string, text: AsyncGenerator<string>): Promise<string> {
  try {
    const first = await text.next()
    if (first.done !== true) return first.value
  } catch (error) {
    throw asRefusal(path, error)
  }
  throw new Refusal('invalid', `${path} is empty.`)
}

async function look(path: string): Promise<{ bytes: number; isGzip: boolean }> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2)
    const { size } = await file.stat()
    return { bytes: size, isGzip: bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b }
  } catch (error) {
    throw asRefusal(path, error)
  }
}

function assertColumns(path: string, columns: readonly string[]): void {
  const lacking = NEEDED_COLUMNS.filter((name) => !columns.includes(name))
  const twice = NEEDED_COLUMNS.filter((name) => columns.indexOf(name) !== columns.lastIndexOf(name))
  if (twice.length > 0) {
    const message = `${path}: the header has the column ${twice.join(', ')} more than once.`
    throw new Refusal('invalid', message, 'Rename or remove one of them, and import the file again.')
  }
  if (lacking.length === 0) return
  const isAny = lacking.length < NEEDED_COLUMNS.length
  throw new Refusal(
    'invalid',
    isAny
      ? `${path} is not a complete ServiceNow incident log: the columns ${lacking.join(', ')} are missing.`
      : `${path} is not a ServiceNow incident log: its first line has none of the expected columns, such as ${lacking[0]}.`,
    'Export the log as CSV with a header row.',
  )
}

async function* recordsOf(path: string, parser: Parser): AsyncGenerator<CsvRecord, undefined> {
  try {
    for await (const record of parser) yield record as CsvRecord
  } catch (error) {
    throw asRefusal(path, error)
  }
}

async function* rowsOf(records: AsyncIterable<CsvRecord>, columns: readonly string[]): AsyncGenerator<LogRow> {
  for await (const { record, info } of records) {
    const cells =
      record.length === columns.length
        ? Object.fromEntries(columns.map((name, index) => [name, record[index] ?? '']))
        : `has ${record.length} columns where the header has ${columns.length}`
    yield { line: info.lines, cells }
  }
}

async function* windowsOf(rows: AsyncIterable<LogRow>): AsyncGenerator<LogRow[], undefined> {
  let window: LogRow[] = []
  for await (const row of rows) {
    window.push(row)
    if (window.length < WINDOW) continue
    yield window
    window = []
  }
  if (window.length > 0) yield window
}

async function* continued<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first
  yield* rest
}

/** The refusal for a failure to read; any other error is a bug and stays as it is. */
function asRefusal(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  if (code.startsWith('Z_')) {
    const message = `${path} is damaged: its gzip data is cut off or cannot be unpacked (${error.message}).`
    return new Refusal('invalid', message, 'Nothing was imported. Download the file again.')
  }
  if (!code.startsWith('CSV_')) return unreadable(path, error)
  const message = `${path} is not well-formed CSV: a quote is not closed before line ${lineOf(error)}.`
  return new Refusal('invalid', message, 'Correct it and import again. Rows already imported are not imported twice.')
}

function lineOf(error: Error): string {
  return 'lines' in error ? String(error.lines) : 'the last one'
}
