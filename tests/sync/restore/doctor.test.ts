import { expect, it } from 'vitest'
import { doctor } from '../../harness/doctor.ts'
import { startWorld } from '../../harness/world.ts'
import { bodiesOf, setScene, ticketOf } from './scene.ts'

it('tells by rejoin doctor what devices brought back after a restore, as it tells administrators', async () => {
  await using world = await startWorld()
  const { desk, ada, mine } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await ada.tickets.comment({ ticketId: mine.id, body: 'On my way' })
  await ada.tickets.transition({ ticketId: mine.id, to: 'in_progress' })
  await ada.settled()
  expect((await doctor(world.dataDir)).report.recoveries).toEqual([])

  await world.restore(backup)
  await world.converge()
  expect(bodiesOf(await ticketOf(desk, mine.id))).toEqual(['On my way'])
  const { code, report } = await doctor(world.dataDir)
  expect({ code, ok: report.ok }).toEqual({ code: 0, ok: true })
  expect(report.recoveries).toMatchObject([{ recovered: 2, parked: 0, refused: 0 }])
  expect(report.recoveries).toEqual(await desk.api.sync.recoveries.query())
})
