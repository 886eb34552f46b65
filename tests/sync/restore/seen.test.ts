/** Healing a restored server as others see it: the administrator, and a client without the SDK. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { headSeq, positionAt } from '../../doors/database.ts'
import { startWorld } from '../../harness/world.ts'
import { DAY, setScene } from './scene.ts'

it('reports to the administrator what came back', async () => {
  await using world = await startWorld()
  const { desk, ada, bob, mine, his } = await setScene(world)
  const backup = await world.backup()
  await world.converge()
  await ada.tickets.comment({ ticketId: mine.id, body: 'One' })
  await ada.tickets.comment({ ticketId: mine.id, body: 'Two' })
  await bob.tickets.resolve({ ticketId: his.id, resolution: 'Done' })
  await world.converge()
  await world.restore(backup)
  await desk.api.tickets.assign.mutate({ ticketId: his.id, agentId: ada.person.id })
  await desk.api.tickets.edit.mutate({ ticketId: mine.id, set: { title: 'Now' } })
  await ada.rejoin()
  await ada.tickets.transition({ ticketId: his.id, to: 'in_progress' })
  await ada.settled()
  await bob.rejoin()
  // The last word of a device is told to it before it is noted that it was the last.
  let [report, ...others] = await desk.api.sync.recoveries.query()
  for (let looks = 0; looks < 100 && report?.finished !== 2; looks += 1) {
    ;[report, ...others] = await desk.api.sync.recoveries.query()
  }
  expect(others).toEqual([])
  expect(report).toMatchObject({ finished: 2, offered: 3, recovered: 2, parked: 1, refused: 0, known: 0 })
  expect(report?.devices.find(({ deviceId }) => deviceId === bob.id)).toMatchObject({ parked: 1, recovered: 0 })
  await expect(ada.api.sync.recoveries.query()).rejects.toMatchObject({ data: { code: 'forbidden' } })
})

it('lets a simple client do the same by HTTP, and names what is wrong with what it holds', async () => {
  await using world = await startWorld()
  const { ada, bob, mine } = await setScene(world)
  for (const device of [ada, bob]) device.disconnect()
  const post = async (more: object) => {
    const clock = { wall: world.clock.now(), mono: 1, boot: 'b' }
    const exchange = { type: 'exchange', device: v7(), incarnation: 0, schema: 1, clock, ...more }
    const headers = { authorization: `Bearer ${ada.person.token}`, 'content-type': 'application/json' }
    const response = await fetch(`${world.url}/sync`, { method: 'POST', headers, body: JSON.stringify(exchange) })
    return (await response.json()) as Record<string, unknown>
  }
  const backup = await world.backup()
  await world.ticket()
  const place = await positionAt(world.app, await headSeq(world.app))
  await world.restore(backup)
  await world.advance(5 * DAY)
  const input = { ticketId: mine.id, commentId: v7(), body: 'Acknowledged' }
  const at = { wall: world.clock.now(), mono: 0, boot: 'b' }
  const effectiveAt = world.clock.now() - 4 * DAY
  const offered = [{ id: v7(), name: 'comment.add', input, at, seen: 0, effectiveAt }]
  const pending = [{ id: v7(), name: 'ticket.tag', input: { ticketId: mine.id, tag: 'late' }, at, seen: 0 }]
  expect(await post({ ...place, commands: pending })).toMatchObject({ reconcile: {}, more: true })
  expect(await post({ ...place, places: [place] })).toMatchObject({ reconcile: { since: 0 }, more: true })
  expect(await post({ ...place, offered })).toMatchObject({ verdicts: [{ outcome: 'applied' }], more: true })
  const whole = await post({ ...place, held: [{ ticketId: v7() }], commands: pending })
  expect(whole).toMatchObject({ verdicts: [{ outcome: 'applied' }], leave: [{ reason: 'access-lost' }] })
  expect(whole['enter']).toHaveLength(2)
  expect(whole).not.toHaveProperty('reset')
  await ada.rejoin()
  expect(ada.view(mine.id)).toMatchObject({ tags: ['late'], comments: [{ createdAt: effectiveAt }] })

  const broken = { ticketId: mine.id, snapshot: 'BQ==' }
  expect(await post({ ...place, held: [broken] })).toMatchObject({ code: 'malformed-frame' })
})
