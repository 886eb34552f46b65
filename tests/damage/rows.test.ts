/** A damaged row costs only itself: for each column that holds JSON, and each way in which a disk spoils it. */
import { expect, it } from 'vitest'
import { JSON_COLUMNS, lookAtRows } from '@rejoin/server/cli/doctor/rows.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { derivedFaults, rebuild } from '@rejoin/server/cli/doctor/derived.ts'
import { mendTickets } from '@rejoin/server/slices/sla/clocks/recompute.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startWorld, type World } from '../harness/world.ts'
import { staySignedIn } from '../sync/growth/churn.ts'
import { spoilt, whileRunning, type Way } from './damaged.ts'

const HOUR = 3_600_000
const silent = createLog('silent')

/** A workspace with a row in each table that holds JSON. */
async function workspace() {
  const world = await startWorld({ log: silent })
  const { api } = await world.desk()
  const sue = await world.person('sue', 'supervisor')
  const [ada] = await world.agents('ada')
  await staySignedIn(world)
  const { id } = await world.ticket({
    title: 'Printer',
    skills: [{ name: 'network', level: 2 }],
    custom: { floor: '3' },
  })
  const other = await world.ticket({ title: 'Scanner' })
  await api.tickets.assign.mutate({ ticketId: id, agentId: ada.person.id })
  await api.tickets.edit.mutate({ ticketId: id, set: { priority: 'high' } })
  await api.invitations.create.mutate({ email: 'ned@example.org', role: 'requester' })
  await api.accounts.setRegistration.mutate({ policy: 'open' })
  const { output } = await api.accounts.roles.create.mutate({
    name: 'Night shift',
    base: 'agent',
    grants: { 'ticket.assign': ['department'] },
  })
  const nia = await world.person('nia', 'agent')
  await api.accounts.setRole.mutate({ userId: nia.id, customRoleId: output.customRoleId })
  await ada.rejoin()
  await ada.tickets.comment({ ticketId: id, body: 'On my way' })
  ada.disconnect()
  await api.tickets.assign.mutate({ ticketId: id, agentId: sue.id })
  await sue.api.tickets.transition.mutate({ ticketId: id, to: 'in_progress' })
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await ada.rejoin()
  return { world, ada, sue, id, other: other.id }
}

function isFilled(world: World, table: string, column: string): boolean {
  const [row] = rowsOnDisk(world.dataDir, `select count("${column}") as count from "${table}"`)
  return Number(row?.['count']) > 0
}

/** Rows that take long to come about, and a lock that a disk does not know of. */
function fill({ app }: World, userId: string): void {
  const { writer } = app.db
  writer.run(
    `insert into apiToken (id, userId, name, scopes, createdAt, expiresAt) values ('t', ?, 'till', '["ticket.read"]', 0, 9e15)`,
    [userId],
  )
  writer.run(`update receipt set waitsFor = '["earlier"]' where outcome = 'parked'`)
  writer.run(`update receipt set output = '{"ticketId":"1"}' where outcome = 'applied'`)
  writer.run('drop trigger auditKeepsContent')
}

const WAYS: Way[] = ['cut short', 'garbled', 'emptied']

it.each(JSON_COLUMNS.map(({ table, column }) => ({ table, column })))(
  'goes on with everything else where $column of $table is damaged, and says so',
  { timeout: 60_000 },
  async ({ table, column }) => {
    const { world, ada, sue, id, other } = await workspace()
    await using _world = world
    await world.app.commits.idle()
    fill(world, sue.id)
    expect(isFilled(world, table, column)).toBe(true)
    for (const way of WAYS) {
      await whileRunning(
        world,
        `update "${table}" set "${column}" = ${spoilt(column, way, 'text')} where "${column}" is not null`,
      )
      expect(lookAtRows(world.app.read)).toContainEqual(
        expect.objectContaining({ severity: 'error', hint: expect.any(String) }),
      )
      await sue.api.tickets.edit.mutate({ ticketId: other, set: { title: `Scanner ${way}` } })
      await sue.api.tickets.comment.mutate({ ticketId: other, commentId: crypto.randomUUID(), body: way })
      await sue.api.tickets.edit.mutate({ ticketId: id, set: { title: `Printer ${way}` } })
      await ada.rejoin()
      expect(ada.view(other)).toMatchObject({ title: `Scanner ${way}` })
      await world.advance(HOUR)
    }
    await world.app.commits.commit(mendTickets, { ticketIds: [id, other] }, { actorId: SYSTEM_ID })
    await rebuild(world.app.commits, [id, other])
    expect(await derivedFaults(world.app)).toEqual([])
    expect(await (await fetch(`${world.url}/metrics`)).text()).not.toMatch(/^rejoin_job_failures_total\{[^}]*\} [1-9]/m)
  },
)

it('knows every column that holds JSON or bytes', async () => {
  const { world } = await workspace()
  await using _world = world
  const listed = new Set(JSON_COLUMNS.map(({ table, column }) => `${table}.${column}`))
  const columns = world.app.db.writer.rows<{ table: string; column: string; type: string }>(
    `select m.name as "table", c.name as "column", c.type as type from sqlite_schema m, pragma_table_info(m.name) c
     where m.type = 'table' and m.name not like 'sqlite_%'`,
    [],
  )
  const blobs = columns
    .filter(({ type }) => type.toLowerCase() === 'blob')
    .map(({ table, column }) => `${table}.${column}`)
  // These have checksums: `documents.test.ts`.
  expect(blobs.toSorted()).toEqual(['document.state', 'documentUpdate.update', 'formerDocument.state'])
  const json = columns.filter(({ table, column, type }) => {
    if (type.toLowerCase() !== 'text') return false
    const [row] = world.app.db.writer.rows<{ count: number }>(
      `select count(*) as count from "${table}" where json_valid("${column}") and "${column}" glob '[[{]*'`,
      [],
    )
    return (row?.count ?? 0) > 0
  })
  const unlisted = json.map(({ table, column }) => `${table}.${column}`).filter((name) => !listed.has(name))
  // The head of the audit log, which is compared with the log itself.
  expect(unlisted).toEqual(['meta.value'])
})
