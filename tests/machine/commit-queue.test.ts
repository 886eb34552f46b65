/** Who waits for whom when more comes at once than one transaction takes. */
import { get } from 'node:http'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import type { Origin } from '@rejoin/server/core/commit/ports.ts'
import { tagTicket } from '@rejoin/server/slices/tickets/commands/labels.ts'
import { startWorld, type World } from '../harness/world.ts'

const OUTBOX = 450
/** What many devices bring at once: twenty transactions. */
const BROUGHT = 64 * 20
const NEWCOMERS = 40

/** A way to tag a ticket, from a desk or as work that a device brought. */
async function scene(world: World) {
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const now = world.app.now()
  const origin: Origin = {
    deviceId: v7(),
    seen: 0,
    isProven: true,
    subjectId: ticketId,
    incarnations: [],
    basis: [],
    made: { by: 'verdict', effectiveAt: now, receivedAt: now, lostAfter: 0 },
  }
  const tag = (name: string, from: { origin?: Origin }) =>
    world.app.commits.commit(tagTicket, { ticketId, tag: name }, { actorId: ada.id, ...from })
  return { origin, tag }
}

/** An outbox of a device and ten commands of somebody online, all at once; who was answered, in that order. */
async function answered(): Promise<string[]> {
  await using world = await startWorld()
  const { origin, tag } = await scene(world)
  const order: string[] = []
  const bring = async (who: string, number: number, from: { origin?: Origin }) => {
    await tag(`${who}-${number}`, from)
    order.push(`${who}-${number}`)
  }
  const outbox = () => Array.from({ length: OUTBOX }, (_, number) => bring('device', number, { origin }))
  const online = () => Array.from({ length: 10 }, (_, number) => bring('online', number, {}))
  await Promise.all([...outbox(), ...online()])
  return order
}

/** Asks by a connection of its own whether the server lives. */
function ask(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/healthz`, { agent: false }, (response) => {
      response.resume()
      response.once('end', resolve)
    })
    request.once('error', reject)
  })
}

it('answers somebody online before the rest of an outbox that came first, and both in their order', async () => {
  const order = await answered()
  const of = (who: string) => order.filter((name) => name.startsWith(who))
  expect(of('online')).toEqual(Array.from({ length: 10 }, (_, number) => `online-${number}`))
  expect(of('device')).toEqual(Array.from({ length: OUTBOX }, (_, number) => `device-${number}`))
  expect(order.indexOf('online-9')).toBeLessThan(OUTBOX / 2)
})

it('answers those who open a connection while devices bring their outboxes before these are through', async () => {
  await using world = await startWorld()
  const { origin, tag } = await scene(world)
  let decided = 0
  const outboxes = Array.from({ length: BROUGHT }, async () => {
    await tag('back', { origin })
    decided += 1
  })
  await outboxes[0]
  await Promise.all(Array.from({ length: NEWCOMERS }, () => ask(world.url)))
  expect(decided).toBeLessThan(BROUGHT / 2)
  await Promise.all(outboxes)
})
