/** Tells of queries that take long: their text, which names columns and no values. */
import type SQLite from 'better-sqlite3'
import type { SqliteStatement } from 'kysely'
import { monotonicMs } from './clock.ts'

/** Who is told, and from how many milliseconds on. */
export interface SlowQueries {
  readonly fromMs: number
  tell(sql: string, ms: number): void
}

/**
 * The statement, with a watch on it that costs a fraction of a microsecond. What is read row by row is not timed:
 * whoever reads decides how long that takes.
 */
export function timed(statement: SQLite.Statement, sql: string, { fromMs, tell }: SlowQueries): SqliteStatement {
  const note = (startedAt: number) => {
    const ms = monotonicMs() - startedAt
    if (ms >= fromMs) tell(sql, ms)
  }
  return {
    reader: statement.reader,
    all(parameters) {
      const startedAt = monotonicMs()
      const rows = statement.all(parameters)
      note(startedAt)
      return rows
    },
    run(parameters) {
      const startedAt = monotonicMs()
      const result = statement.run(parameters)
      note(startedAt)
      return result
    },
    iterate: (parameters) => statement.iterate(parameters),
  }
}
