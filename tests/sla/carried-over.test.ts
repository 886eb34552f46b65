/** A database of before there were policies: its clocks follow from its log, and nobody hears of them again. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { DATABASE_FILE } from '@rejoin/server/core/db.ts'
import { startWorld } from '../harness/world.ts'

const HOUR = 3_600_000

const ADDED = [
  'slaEvent',
  'slaClock',
  'slaTicket',
  'slaChoice',
  'slaPolicyVersion',
  'slaPolicy',
  'slaCalendarVersion',
  'slaCalendar',
  'slaRollout',
  'lease',
]

/** As the program before policies left it, but for the content of two tables that the next one drops. */
function takeBack(dataDir: string): void {
  const db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.exec('pragma foreign_keys = off')
  for (const table of ADDED) db.exec(`drop table ${table}`)
  db.exec('create table slaClock (id text primary key) strict')
  db.exec('create table slaEvent (id integer primary key) strict')
  db.exec('alter table user drop column organisation')
  db.exec('drop index receiptClaimed')
  db.exec('alter table receipt drop column claimedAt')
  db.exec('drop index invitationByCustomRole')
  db.exec('alter table invitation drop column customRoleId')
  db.exec(`delete from migration where name > '0019'`)
  db.close()
}

it('computes the clocks of an earlier version from its log, and tells nobody', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await world.person('sue', 'supervisor')
  const ada = await world.person('ada', 'agent')
  const late = await world.ticket({ priority: 'urgent', assignee: ada })
  const raised = await world.ticket({ priority: 'low' })
  const waiting = await world.ticket()
  await world.advance(HOUR)
  await api.tickets.edit.mutate({ ticketId: raised.id, set: { priority: 'high' } })
  await api.tickets.transition.mutate({ ticketId: waiting.id, to: 'on_hold', reason: 'Parts' })
  await world.advance(5 * HOUR)
  await api.tickets.resolve.mutate({ ticketId: late.id, resolution: 'New fuser' })
  const clocks = () =>
    Promise.all([late, raised, waiting].map(async ({ id }) => (await api.tickets.get.query({ ticketId: id })).clocks))
  const told = async () => (await world.app.read.selectFrom('notification').select('id').execute()).length
  const before = { clocks: await clocks(), told: await told() }
  expect(before.told).toBeGreaterThan(0)

  await world.restore(await world.backup(), takeBack)
  await world.advance(0)
  expect({ clocks: await clocks(), told: await told() }).toEqual(before)
})
