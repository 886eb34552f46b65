/** Tells of queries that take long, by their text, which names columns and no values; and of those that fail. */
import type SQLite from 'better-sqlite3'
import type { SqliteStatement } from 'kysely'
import { monotonicMs } from '../runtime/clock.ts'

/** Who is told. */
export interface Watch {
  /** What takes longer, in ms, is slow. */
  readonly fromMs: number
  slow(sql: string, ms: number): void
  /** What it throws takes the place of the error. */
  failed(error: unknown): void
  /** A row was read as if it were empty, or not at all, because it is damaged. */
  passedOver(what: string, error: unknown): void
}

/**
 * The statement, with a watch on it that costs a fraction of a microsecond. What is read row by row is not timed:
 * whoever reads decides how long that takes.
 */
export function timed(statement: SQLite.Statement, sql: string, { fromMs, slow, failed }: Watch): SqliteStatement {
  const watched = <Result>(run: () => Result): Result => {
    const startedAt = monotonicMs()
    try {
      const result = run()
      const ms = monotonicMs() - startedAt
      if (ms >= fromMs) slow(sql, ms)
      return result
    } catch (error) {
      failed(error)
      throw error
    }
  }
  return {
    reader: statement.reader,
    all: (parameters) => watched(() => statement.all(parameters)),
    run: (parameters) => watched(() => statement.run(parameters)),
    iterate: (parameters) => statement.iterate(parameters),
  }
}
