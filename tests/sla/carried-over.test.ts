/** A database of before there were policies: its clocks follow from its log, and nobody hears of them again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { databaseAsOf } from '../harness/older-database.ts'
import { startWorld } from '../harness/world.ts'

const HOUR = 3_600_000

const folder = mkdtempSync(join(tmpdir(), 'rejoin-older-'))
afterAll(() => rmSync(folder, { recursive: true }))

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

  const takeBack = await databaseAsOf('0018-document-log', join(folder, 'older.db'), {
    except: ['slaClock', 'slaEvent'],
  })
  await world.restore(await world.backup(), takeBack)
  await world.advance(0)
  expect({ clocks: await clocks(), told: await told() }).toEqual(before)
})
