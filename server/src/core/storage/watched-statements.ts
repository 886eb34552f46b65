/** Watches for slow queries, by their text, which names columns and no values, and for failed ones. */
import type SQLite from 'better-sqlite3'
import type { SqliteStatement } from 'kysely'
import { monotonicMs } from '../runtime/clock.ts'

/** The listener for slow and failed queries and damaged rows. */
export interface Watch {
  /** A query that takes at least this long, in ms, is slow. */
  readonly fromMs: number
  slow(sql: string, ms: number): void
  /** May throw another error in place of this one. */
  failed(error: unknown): void
  /** A row was read as empty, or skipped, because it is damaged. */
  passedOver(what: string, error: unknown): void
}

/**
 * The statement, with a watch on it that costs a fraction of a microsecond. Reading row by row is not timed: there the
 * reader determines how long it takes.
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
