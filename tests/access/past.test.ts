/** What a device's past still allows: work done offline on a ticket that is nothing to its author any more. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { callApi, procedureFor } from './doors.ts'
import { contentOf, headSeq, positionAt, TRACES, TRACES_OF_PARKED } from '../doors/database.ts'
import { exchangeByPost } from '../doors/exchange.ts'
import { letterOf, needsResolved, setStage, SPOKEN, ticketFor, type Change, type Stage } from './stage.ts'
import { PAST } from './table.ts'

const THEN = ['watched', 'queue', 'assigned'] as const
const CHANGES = Object.keys(PAST) as Change[]

/** A ticket that the agent's device had at `seen`, and that went to the agent of another department since. */
async function lostTicket(stage: Stage, then: (typeof THEN)[number], change: Change | null = null) {
  const { world, people, stranger, away } = stage
  const desk = await world.desk()
  const ticketId = await ticketFor(stage, people.agent, then)
  const seen = await headSeq(world.app)
  if (then === 'watched') await desk.api.tickets.unwatch.mutate({ ticketId, userId: people.agent.id })
  if (then === 'queue') await desk.api.tickets.move.mutate({ ticketId, departmentId: away })
  await desk.api.tickets.assign.mutate({ ticketId, agentId: stranger.id })
  if (change !== null && needsResolved(change)) {
    await desk.api.tickets.resolve.mutate({ ticketId, resolution: 'Done.' })
  }
  return { ticketId, seen, lostAt: await headSeq(world.app) }
}

/** The verdict on one change that the agent's device brings. */
async function offer(
  stage: Stage,
  device: string,
  change: Change,
  { ticketId, seen }: { ticketId: string; seen: number },
) {
  const { world, people } = stage
  const { name, input } = SPOKEN[change]
  const command = { name, input: { ...input(stage), ticketId }, seen }
  const options = { device, encoding: 'cbor', place: await positionAt(world.app, seen) } as const
  const { verdicts } = await exchangeByPost(world.url, people.agent.token, [command], options)
  return verdicts[0]
}

it('lets through what the author may add from the past, and nothing more', async () => {
  const stage = await setStage()
  await using _world = stage.world
  const device = v7()
  const found: Partial<Record<Change, string>> = {}
  for (const change of CHANGES) {
    const letters = THEN.map(async (then) => {
      const verdict = await offer(stage, device, change, await lostTicket(stage, then, change))
      const isRefused = verdict?.outcome === 'refused' || verdict?.outcome === 'parked'
      return letterOf(change, isRefused ? (verdict.code ?? '') : null)
    })
    found[change] = (await Promise.all(letters)).join(' ')
  }
  expect(found).toEqual(PAST)
})

it('parks what would move a ticket on which the new assignee has started', async () => {
  const stage = await setStage()
  await using world = stage.world
  const moves: Change[] = ['ticket.transition', 'ticket.resolve', 'ticket.reopen', 'ticket.close', 'ticket.cancel']
  const device = v7()
  for (const change of moves) {
    const lost = await lostTicket(stage, 'assigned')
    await stage.stranger.api.tickets.transition.mutate({ ticketId: lost.ticketId, to: 'in_progress' })
    const before = await contentOf(world.app, TRACES_OF_PARKED)
    const verdict = await offer(stage, device, change, lost)
    expect([change, verdict?.outcome, verdict?.code]).toEqual([change, 'parked', 'reassigned'])
    expect(await contentOf(world.app, TRACES_OF_PARKED)).toEqual(before)
  }
})

it.each(['the API', 'a device that knows of the loss'])('gives the past no voice by %s', async (door) => {
  const stage = await setStage()
  await using world = stage.world
  const device = v7()
  for (const change of CHANGES) {
    const { ticketId, lostAt } = await lostTicket(stage, 'assigned', change)
    const { name, input } = SPOKEN[change]
    const before = await contentOf(world.app, TRACES)
    const code =
      door === 'the API'
        ? await callApi(world.url, stage.people.agent.token, procedureFor(name), { ...input(stage), ticketId })
        : (await offer(stage, device, change, { ticketId, seen: lostAt }))?.code
    expect([change, code]).toEqual([change, 'not-found'])
    expect(await contentOf(world.app, TRACES)).toEqual(before)
  }
})

it('gives nobody the past of somebody else', async () => {
  const stage = await setStage()
  await using world = stage.world
  const lost = await lostTicket(stage, 'queue')
  const olga = await world.person('olga', 'agent', ['depot'])
  const verdict = await offer({ ...stage, people: { ...stage.people, agent: olga } }, v7(), 'public comment', lost)
  expect(verdict).toMatchObject({ outcome: 'refused', code: 'not-found' })
})
