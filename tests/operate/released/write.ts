/**
 * Writes a database as a release made it: `node tests/operate/released/write.ts`. Run before a release with new
 * migrations, and never again for one: the tests of upgrades open each of these files.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { migrations } from '@rejoin/migrations/index.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { startWorld } from '../../harness/world.ts'

/** As SQL, so that it can be read. */
function sqlOf(file: string): string {
  using db = new DatabaseSync(file, { readOnly: true })
  const schema = db.prepare(`select name, type, sql from sqlite_schema where sql is not null order by rowid`).all()
  const isTable = ({ type }: Record<string, unknown>) => type === 'table'
  const [tables, others] = [schema.filter(isTable), schema.filter((row) => !isTable(row))]
  const rows = tables.flatMap(({ name }) => {
    const columns = db.prepare(`select name from pragma_table_info('${String(name)}')`).all()
    const quoted = columns.map((column) => `quote("${String(column['name'])}")`).join(` || ', ' || `)
    const values = db.prepare(`select ${quoted} as line from "${String(name)}"`).all()
    return values.map(({ line }) => `insert into "${String(name)}" values (${String(line)})`)
  })
  const statements = [...tables.map(({ sql }) => String(sql)), ...rows, ...others.map(({ sql }) => String(sql))]
  return statements.map((statement) => `${statement};\n`).join('')
}

await using world = await startWorld()
const [ada] = await world.agents('ada')
const { id } = await world.ticket({ assignee: ada.person, description: 'Paper jam.' })
await ada.rejoin()
await ada.tickets.comment({ ticketId: id, body: 'On my way' })
await ada.tickets.transition({ ticketId: id, to: 'in_progress' })
ada.text(id, 'notes').insert(0, 'Fuser')
await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
await ada.settled()
const { api } = await world.desk()
await api.invitations.create.mutate({ email: 'ned@example.com', role: 'requester' })
const newest = Object.keys(migrations).at(-1) ?? ''
writeFileSync(join(import.meta.dirname, `${newest}.sql`), sqlOf(join(world.dataDir, DATABASE_FILE)))
