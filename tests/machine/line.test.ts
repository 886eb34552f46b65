/** Who waits for whom when more comes at once than one transaction takes. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import type { Origin } from '@rejoin/server/core/commit/ports.ts'
import { tagTicket } from '@rejoin/server/tickets/commands/labels.ts'
import { startWorld } from '../harness/world.ts'

const OUTBOX = 450

/** An outbox of a device and ten commands of somebody online, all at once; who was answered, in that order. */
async function answered(): Promise<string[]> {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const time = { effectiveAt: world.app.now(), clockSuspect: false, claimedAt: null }
  const origin: Origin = {
    deviceId: v7(),
    seen: 0,
    subjectId: ticketId,
    waitsFor: () => null,
    effectiveTime: () => time,
  }
  const order: string[] = []
  const bring = async (who: string, number: number, from: { origin?: Origin }) => {
    await world.app.commits.commit(tagTicket, { ticketId, tag: `${who}-${number}` }, { actorId: ada.id, ...from })
    order.push(`${who}-${number}`)
  }
  const outbox = () => Array.from({ length: OUTBOX }, (_, number) => bring('device', number, { origin }))
  const online = () => Array.from({ length: 10 }, (_, number) => bring('online', number, {}))
  await Promise.all([...outbox(), ...online()])
  return order
}

it('answers somebody online before the rest of an outbox that came first, and both in their order', async () => {
  const order = await answered()
  const of = (who: string) => order.filter((name) => name.startsWith(who))
  expect(of('online')).toEqual(Array.from({ length: 10 }, (_, number) => `online-${number}`))
  expect(of('device')).toEqual(Array.from({ length: OUTBOX }, (_, number) => `device-${number}`))
  expect(order.indexOf('online-9')).toBeLessThan(OUTBOX / 2)
})
