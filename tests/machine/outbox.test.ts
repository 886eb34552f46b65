/** The outbox and the jobs: messages are sent and jobs run when the clock says so. */
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Sender } from '@rejoin/server/core/outbox/outbox.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { sendProbe } from '../harness/probes.ts'
import { startWorld, type World } from '../harness/world.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND

type Probe = Sender<{ text: string }>

/** A receiver that takes messages while it is `up`, and remembers every attempt. */
function receiver() {
  const attempts: { id: string; payload: unknown }[] = []
  const state = { isUp: true }
  const probe = sender(async (message) => {
    attempts.push(message)
    if (!state.isUp) throw new Error('connect ECONNREFUSED')
  })
  return { attempts, state, senders: { probe } }
}

/** One message after the other. */
function sender(deliver: Probe['deliver'], room: Partial<Pick<Probe, 'atOnce' | 'atOnceToOne'>> = {}): Probe {
  return { deliver, atOnce: 1, atOnceToOne: 1, receiverOf: ({ text }) => text, ...room }
}

async function send(world: World, text: string) {
  await world.app.commits.commitOrThrow(sendProbe, { text }, { actorId: SYSTEM_ID })
}

it('sends a message once', async () => {
  const { attempts, senders } = receiver()
  await using world = await startWorld({ senders })
  await send(world, 'Hello')
  await send(world, 'World')
  expect(attempts).toEqual([])
  await world.advance(5 * SECOND)
  await world.advance(HOUR)
  await world.restart()
  await world.advance(HOUR)
  expect(attempts.map(({ payload }) => payload)).toEqual([{ text: 'Hello' }, { text: 'World' }])
  const rows = rowsOnDisk(world.dataDir, 'select attempts, lastError from outbox')
  expect(rows).toEqual([
    { attempts: 1, lastError: null },
    { attempts: 1, lastError: null },
  ])
})

it('tries again later and later under the same id, over a restart, until it is taken', async () => {
  const { attempts, state, senders } = receiver()
  state.isUp = false
  await using world = await startWorld({ senders })
  await send(world, 'Hello')
  const triedAt: number[] = []
  const start = world.clock.now()
  for (let elapsed = 0; elapsed < 200 * SECOND; elapsed += 5 * SECOND) {
    if (elapsed === 60 * SECOND) await world.restart()
    const before = attempts.length
    await world.advance(5 * SECOND)
    if (attempts.length > before) triedAt.push((world.clock.now() - start) / SECOND)
  }
  expect(triedAt).toEqual([5, 10, 20, 40, 80, 160])
  expect(rowsOnDisk(world.dataDir, 'select lastError, sentAt from outbox')).toEqual([
    { lastError: 'connect ECONNREFUSED', sentAt: null },
  ])
  state.isUp = true
  await world.advance(HOUR)
  await world.advance(HOUR)
  expect(attempts).toHaveLength(7)
  expect(new Set(attempts.map(({ id }) => id)).size).toBe(1)
  expect(rowsOnDisk(world.dataDir, 'select lastError, sentAt is null as waits from outbox')).toEqual([
    { lastError: null, waits: 0 },
  ])
})

it('never waits longer than six hours', async () => {
  const { attempts, state, senders } = receiver()
  state.isUp = false
  await using world = await startWorld({ senders })
  await send(world, 'Hello')
  for (let times = 0; times < 20; times += 1) await world.advance(6 * HOUR)
  expect(attempts).toHaveLength(20)
})

it('lets a message that fails not hold up the others', async () => {
  const taken: unknown[] = []
  const probe = sender(async ({ payload }) => {
    if (JSON.stringify(payload).includes('bad')) throw new Error('No')
    taken.push(payload)
  })
  await using world = await startWorld({ senders: { probe } })
  for (const text of ['good', 'bad', 'better']) await send(world, text)
  await world.advance(5 * SECOND)
  expect(taken).toEqual([{ text: 'good' }, { text: 'better' }])
})

it('keeps messages that nobody delivers yet', async () => {
  await using world = await startWorld()
  await send(world, 'Hello')
  await world.advance(HOUR)
  expect(rowsOnDisk(world.dataDir, 'select attempts, sentAt from outbox')).toEqual([{ attempts: 0, sentAt: null }])
})

it('runs a job when the clock has passed its time, once however late', async () => {
  await using world = await startWorld()
  const ranAt: number[] = []
  const start = world.clock.now()
  world.app.jobs.add('probe', '*/10 * * * * *', async () => void ranAt.push((world.clock.now() - start) / SECOND))
  await world.advance(9 * SECOND)
  expect(ranAt).toEqual([])
  await world.advance(SECOND)
  await world.advance(0)
  expect(ranAt).toEqual([10])
  await world.advance(65 * SECOND)
  expect(ranAt).toEqual([10, 75])
  await world.advance(5 * SECOND)
  expect(ranAt).toEqual([10, 75, 80])
})

it('lets a job that takes long hold up no other one, and runs it once at a time', async () => {
  await using world = await startWorld()
  const ran: string[] = []
  const gate = Promise.withResolvers<void>()
  world.app.jobs.add('slow', '*/10 * * * * *', () => {
    ran.push('slow')
    return gate.promise
  })
  world.app.jobs.add('quick', '*/10 * * * * *', async () => void ran.push('quick'))
  const moves: Promise<void>[] = []
  for (let times = 0; times < 3; times += 1) {
    moves.push(world.advance(10 * SECOND))
    // Jobs that do not wait for the slow one are done by then.
    await setImmediate()
  }
  expect(ran).toEqual(['slow', 'quick', 'quick', 'quick'])
  gate.resolve()
  await Promise.all(moves)
})

it('runs the other jobs and the job itself again after it failed', async () => {
  const lines: string[] = []
  const log = createLog('error', { write: (line) => void lines.push(line) })
  await using world = await startWorld({ log })
  const ran: string[] = []
  world.app.jobs.add('broken', '*/10 * * * * *', async () => {
    ran.push('broken')
    throw new TypeError('a bug in a job')
  })
  world.app.jobs.add('sound', '*/10 * * * * *', async () => void ran.push('sound'))
  await world.advance(10 * SECOND)
  await world.advance(10 * SECOND)
  expect(ran).toEqual(['broken', 'sound', 'broken', 'sound'])
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ job: 'broken' }, { job: 'broken' }])
})
