/** What a database holds, table by table, so that a test can say that nothing of it changed. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { App } from '@rejoin/server/app.ts'
import type { LogPosition } from './exchange.ts'

/** For each table the number of its rows and the hash of their values. */
export async function contentOf({ db }: App, { except = [] }: { except?: readonly string[] } = {}) {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`.execute(db.writer)
  const content: Record<string, string> = {}
  for (const { name } of rows) if (!except.includes(name)) content[name] = await tableContent(db.writer, name)
  return content
}

/** What a refused command with an id may leave behind: its receipt, and that its device was here. */
export const TRACES = { except: ['receipt', 'device'] }

/** What a parked one may: it moves the place of its device, too, which has to notice if it is lost. */
export const TRACES_OF_PARKED = { except: [...TRACES.except, 'revision'] }

async function tableContent(writer: App['db']['writer'], name: string): Promise<string> {
  // With a column more, for a table may have one alone.
  const { rows } = await sql<Record<string, unknown>>`select *, 0 from ${sql.table(name)} order by 1, 2`.execute(writer)
  const hash = createHash('sha256')
  for (const row of rows) {
    for (const value of Object.values(row)) hash.update(value instanceof Uint8Array ? value : `${String(value)}\0`)
  }
  return `${rows.length} rows, ${hash.digest('hex').slice(0, 16)}`
}

/** The newest committed change: it stands still as long as nothing changes. */
export async function headSeq({ read }: App): Promise<number> {
  const row = await read.selectFrom('revision').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  return row?.seq ?? 0
}

/** What a device would say that stood there. */
export async function positionAt({ read, epoch }: App, cursor: number): Promise<LogPosition> {
  const { tag } = await read.selectFrom('revision').select('tag').where('seq', '=', cursor).executeTakeFirstOrThrow()
  return { epoch, cursor, tag }
}
