/** Tells of queries that take long: their text, which names columns and no values. */
import type SQLite from 'better-sqlite3'
import { stopwatch } from './clock.ts'

/** Who is told, and from how many milliseconds on. */
export interface SlowQueries {
  readonly fromMs: number
  tell(sql: string, ms: number): void
}

/** What Kysely and `rows` use of a statement. */
export type Timed = Pick<SQLite.Statement, 'reader' | 'all' | 'run' | 'iterate'>

/** The statement, with a watch on it. What is read row by row is not timed: whoever reads decides how long that takes. */
export function timed(statement: SQLite.Statement, sql: string, { fromMs, tell }: SlowQueries): Timed {
  const measured = <Result>(work: () => Result): Result => {
    const elapsedMs = stopwatch()
    const result = work()
    const ms = elapsedMs()
    if (ms >= fromMs) tell(sql, ms)
    return result
  }
  return {
    reader: statement.reader,
    all: (...parameters) => measured(() => statement.all(...parameters)),
    run: (...parameters) => measured(() => statement.run(...parameters)),
    iterate: (...parameters) => statement.iterate(...parameters),
  }
}
