/**
 * Names are kept in Unicode's composed form (NFC), so that names that read the same are equal. SQLite cannot compose:
 * the migration reads the rows, a part at a time. A name whose composed form another row has already stays as it is,
 * and `rejoin doctor` names it. Tickets whose documents show a changed name are listed in `staleDocument`, for the
 * server's next start.
 */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

type Db = Kysely<unknown>

const BATCH = 500
/** Matches text beyond ASCII: text of ASCII alone is always composed. */
const BEYOND_ASCII = '*[^ -~]*'

/** The tickets whose documents show a row, by its key. */
const SHOWN_BY = {
  ticket: (key: string) => sql`select ${key}`,
  person: (key: string) =>
    sql`select id from ticket where requesterId = ${key} union select id from ticket where assigneeId = ${key}`,
  calendar: (key: string) => sql`select ticketId from slaTicket where calendarVersion = ${key}`,
}

interface Column {
  readonly table: string
  readonly key: string
  readonly column: string
  /** No two rows have the same value, without regard to capital letters of ASCII. */
  readonly isUnique?: true
  readonly isJson?: true
  readonly shownBy?: keyof typeof SHOWN_BY
}

const COLUMNS: readonly Column[] = [
  { table: 'user', key: 'id', column: 'name', shownBy: 'person' },
  { table: 'user', key: 'id', column: 'organisation' },
  { table: 'department', key: 'id', column: 'name', isUnique: true },
  { table: 'customRole', key: 'id', column: 'name', isUnique: true },
  { table: 'slaCalendar', key: 'id', column: 'name', isUnique: true },
  { table: 'slaCalendarVersion', key: 'id', column: 'value', isJson: true, shownBy: 'calendar' },
  { table: 'slaPolicyVersion', key: 'id', column: 'value', isJson: true },
  { table: 'setting', key: 'key', column: 'value', isJson: true },
  { table: 'apiToken', key: 'id', column: 'name' },
  { table: 'device', key: 'id', column: 'name' },
  { table: 'session', key: 'id', column: 'device' },
  { table: 'ticket', key: 'id', column: 'title', shownBy: 'ticket' },
  { table: 'ticket', key: 'id', column: 'category', shownBy: 'ticket' },
  { table: 'ticket', key: 'id', column: 'subcategory', shownBy: 'ticket' },
  { table: 'ticket', key: 'id', column: 'site', shownBy: 'ticket' },
  { table: 'ticket', key: 'id', column: 'skills', isJson: true, shownBy: 'ticket' },
]

export const composedNames: Migration = {
  async up(db: Db) {
    await sql`create table staleDocument (ticketId text primary key) strict, without rowid`.execute(db)
    for (const column of COLUMNS) await composeColumn(db, column)
    await composeTags(db)
  },
}

interface Row {
  readonly key: string
  readonly value: string
}

async function composeColumn(db: Db, column: Column): Promise<void> {
  let rows = await rowsAfter(db, column, '')
  while (rows.length > 0) {
    for (const row of rows) await composeRow(db, column, row)
    rows = await rowsAfter(db, column, rows.at(-1)?.key ?? '')
  }
}

async function rowsAfter(db: Db, { table, key, column }: Column, after: string): Promise<Row[]> {
  const [of, value] = [sql.ref(key), sql.ref(column)]
  const { rows } = await sql<Row>`
    select ${of} as key, ${value} as value from ${sql.table(table)}
    where ${of} > ${after} and ${value} glob ${BEYOND_ASCII} order by ${of} limit ${BATCH}`.execute(db)
  return rows
}

async function composeRow(db: Db, { table, key, column, ...is }: Column, row: Row): Promise<void> {
  const composed = is.isJson === true ? composedJson(row.value) : row.value.normalize('NFC')
  if (composed === row.value) return
  const [of, value] = [sql.ref(key), sql.ref(column)]
  if (is.isUnique === true) {
    const twin = sql`select 1 from ${sql.table(table)} where ${value} = ${composed} and ${of} <> ${row.key}`
    if ((await twin.execute(db)).rows.length > 0) return
  }
  await sql`update ${sql.table(table)} set ${value} = ${composed} where ${of} = ${row.key}`.execute(db)
  if (is.shownBy === undefined) return
  await sql`insert or ignore into staleDocument (ticketId) ${SHOWN_BY[is.shownBy](row.key)}`.execute(db)
}

/** Value by value: in the text as a whole, an accent after the `n` of a line feed would be that letter's. */
function composedJson(json: string): string {
  if (json.normalize('NFC') === json) return json
  const compose = (_key: string, value: unknown) => (typeof value === 'string' ? value.normalize('NFC') : value)
  try {
    return JSON.stringify(JSON.parse(json, compose))
  } catch (error) {
    // The disk has damaged the value; `rejoin doctor` reports it.
    if (error instanceof SyntaxError) return json
    throw error
  }
}

/** A ticket has each tag once, and two that read the same are one. */
async function composeTags(db: Db): Promise<void> {
  const { rows } = await sql<{ tag: string }>`
    select distinct tag from ticketTag where tag glob ${BEYOND_ASCII} order by tag`.execute(db)
  for (const { tag } of rows) {
    const composed = tag.normalize('NFC')
    if (composed === tag) continue
    await sql`insert or ignore into staleDocument (ticketId) select ticketId from ticketTag where tag = ${tag}`.execute(
      db,
    )
    await sql`
      insert into ticketTag (ticketId, tag, addedSeq, addedBy)
      select ticketId, ${composed}, addedSeq, addedBy from ticketTag where tag = ${tag}
      on conflict (ticketId, tag) do update set addedSeq = excluded.addedSeq, addedBy = excluded.addedBy
      where excluded.addedSeq > addedSeq`.execute(db)
    await sql`delete from ticketTag where tag = ${tag}`.execute(db)
  }
}
