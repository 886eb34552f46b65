/** The operator's and the supervisor's look at clocks: why they say what they say, and whether they follow from the log. */
import { expect, it } from 'vitest'
import { explainSla, recomputeSla } from '@rejoin/server/cli/sla.ts'
import { mendDrifting } from '@rejoin/server/slices/sla/operator.ts'
import { startWorld, type World } from '../harness/world.ts'

const HOUR = 3_600_000

/** What `work` writes to standard output. */
async function printed(work: () => Promise<unknown>): Promise<{ text: string; result: unknown }> {
  const { write } = process.stdout
  let text = ''
  process.stdout.write = (chunk: string) => {
    text += chunk
    return true
  }
  try {
    return { result: await work(), text }
  } finally {
    process.stdout.write = write
  }
}

async function paused(world: World) {
  const { api } = await world.desk()
  const { id: ticketId, number } = await world.ticket({ priority: 'urgent' })
  await world.advance(HOUR)
  await api.tickets.transition.mutate({ ticketId, to: 'on_hold', reason: 'Parts' })
  await world.advance(2 * HOUR)
  await api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
  await world.advance(HOUR)
  await api.tickets.resolve.mutate({ ticketId, resolution: 'Done' })
  return { api, ticketId, number }
}

it('shows every stretch, the choice of the policy and the arithmetic', async () => {
  await using world = await startWorld()
  const { api, ticketId, number } = await paused(world)
  const { clocks, choices } = await api.sla.explain.query({ ticketId })
  expect(choices).toMatchObject([{ policy: 'Around the clock', rule: 0, priority: 'urgent' }])
  const resolution = clocks.find(({ explanation }) => explanation?.metric === 'resolution')
  expect(resolution?.explanation).toMatchObject({ isMet: true, elapsedMs: 2 * HOUR, pausedMs: 2 * HOUR })
  expect(resolution?.explanation?.stretches.map(({ kind }) => kind)).toEqual(['worked', 'waiting', 'worked'])
  expect(resolution?.log.map(({ kind }) => kind)).toEqual(['start', 'pause', 'resume', 'stop'])
  const { text } = await printed(() => explainSla(world.app.config, number, {}))
  expect(text).toContain('resolution, cycle 1: met')
  expect(text).toContain('policy "Around the clock" by rule 1, priority urgent')
  await expect(explainSla(world.app.config, 'TKT-9999', {})).rejects.toThrow(/no ticket TKT-9999/)
})

it('finds clocks that do not follow from the log, and mends them', async () => {
  await using world = await startWorld()
  const { ticketId } = await paused(world)
  const dryRun = () => printed(() => recomputeSla(world.app.config, { dryRun: true }))
  expect(await dryRun()).toEqual({ result: true, text: '' })
  const { writer } = world.app.db
  writer.run('update "slaClock" set "elapsedMs" = 1, "breachAt" = 2 where metric = ?', ['resolution'])
  const found = await dryRun()
  expect(found.result).toBe(false)
  expect(found.text).toContain(`${ticketId}  resolution 1 elapsedMs: stored 1, computed ${2 * HOUR}`)
  await world.app.jobs.runDue()
  world.clock.advance(48 * HOUR)
  await world.app.jobs.runDue()
  const { body } = await world.app.metrics.text()
  expect(body).toContain('rejoin_sla_drifting_tickets 1')
  await world.restart()
  // As the command does, which takes the data directory for itself.
  await mendDrifting(world.app.commits, [ticketId])
  expect(await dryRun()).toEqual({ result: true, text: '' })
})
