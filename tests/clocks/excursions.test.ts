/**
 * The clock of the server goes wrong and comes back, or the machine sleeps: the clocks of tickets are afterwards as if it
 * had not. Each row is lived through twice, the second time with a clock that is right; rows in which the same happens then
 * share that life.
 */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { recomputeSla } from '@rejoin/server/cli/sla.ts'
import { startWorld, type World } from '../harness/world.ts'
import { DAY, HOUR, MINUTE, pass, rows, whileWrong } from './wrong.ts'

interface Scene {
  readonly world: World
  /** Sets the clock so far off, where it is to be wrong. */
  off(ms: number): void
  /** Puts it on for good, as the machine slept. */
  sleep(ms: number): void
  work(): Promise<void>
}

interface Excursion {
  readonly what: string
  /** What happens while the clock is right, where other rows have that too. */
  readonly like?: string
  happens(scene: Scene): Promise<void>
}

function away(aheadMs: number, lastsMs: number): Excursion['happens'] {
  return async ({ world, off, work }) => {
    off(aheadMs)
    await pass(world, 3000, 3000)
    await work()
    await pass(world, lastsMs - 3000, 5000)
    off(0)
  }
}

const AHEAD = [HOUR, DAY, 365 * DAY].flatMap((aheadMs) =>
  [7000, 3 * MINUTE].map((lastsMs) => ({
    what: `${aheadMs / HOUR} h ahead for ${lastsMs / 1000} s`,
    like: `for ${lastsMs} ms`,
    happens: away(aheadMs, lastsMs),
  })),
)

const BACK = [HOUR, DAY].map((backMs) => ({
  what: `${backMs / HOUR} h back for 3 minutes`,
  like: `for ${3 * MINUTE} ms`,
  happens: away(-backMs, 3 * MINUTE),
}))

const OTHERS: readonly Excursion[] = [
  { what: '2 minutes ahead for 8', happens: away(2 * MINUTE, 8 * MINUTE) },
  {
    what: 'a day ahead for so long that it is believed',
    async happens(scene) {
      await away(DAY, 50 * MINUTE)(scene)
      // Until it is believed that it is right.
      await pass(scene.world, 11 * MINUTE)
    },
  },
  {
    what: 'the same, with a restart meanwhile',
    async happens({ world, off, work }) {
      off(DAY)
      await pass(world, 3000, 3000)
      await work()
      await pass(world, 20 * MINUTE)
      await world.restart()
      await pass(world, 20 * MINUTE)
      off(0)
      await pass(world, 11 * MINUTE)
    },
  },
  {
    what: 'ahead by steps of 40 s',
    async happens({ world, off, work }) {
      for (let step = 1; step <= 10; step += 1) {
        off(step * 40_000)
        await pass(world, 1000, 500)
      }
      await work()
      off(0)
    },
  },
  {
    what: 'a sleep of 3 hours, then an hour back for 3 minutes',
    async happens(scene) {
      scene.sleep(3 * HOUR)
      await pass(scene.world, 20 * MINUTE)
      await away(-HOUR, 3 * MINUTE)(scene)
    },
  },
  {
    what: 'back for 10 s, and again later',
    async happens(scene) {
      scene.off(-HOUR)
      await pass(scene.world, 10_000, 5000)
      scene.off(0)
      await pass(scene.world, 5 * MINUTE)
      await away(-HOUR, 3 * MINUTE)(scene)
    },
  },
  ...[HOUR, DAY].flatMap((aheadMs): Excursion[] => [
    {
      what: `${aheadMs / HOUR} h ahead, a restart meanwhile, and right`,
      like: 'a restart',
      async happens({ world, off, work }) {
        off(aheadMs)
        await pass(world, 3000, 3000)
        await work()
        await world.restart()
        await pass(world, 30_000, 5000)
        off(0)
      },
    },
    {
      what: `${aheadMs / HOUR} h ahead, and right when the server starts again`,
      like: 'a restart at the end',
      async happens({ world, off, work }) {
        off(aheadMs)
        await pass(world, 3000, 3000)
        await work()
        off(0)
        await world.restart()
      },
    },
  ]),
]

const START = Date.UTC(2026, 5, 3, 9)

async function live({ happens }: Excursion, isWrong: boolean) {
  const world = await startWorld()
  world.clock.advance(START - world.clock.now())
  const api = async () => connectApi(world.url, await world.newToken((await world.desk()).id))
  const departmentId = await world.department('support')
  const [ada] = await world.agents('ada')
  await pass(world, 15 * MINUTE, MINUTE)
  const provisional = await world.ticket({ assignee: ada.person, priority: 'urgent' })
  await ada.rejoin()
  ada.disconnect()
  await pass(world, 5 * MINUTE, MINUTE)
  const due = await world.ticket({ priority: 'urgent' })
  const before = await world.ticket({ priority: 'high' })
  const worked = await world.ticket({ priority: 'urgent' })
  await pass(world, 30 * MINUTE - 5000)
  const during = { id: v7() }
  const work = async () => {
    const desk = await api()
    await desk.tickets.create.mutate({ ticketId: during.id, title: 'During', priority: 'urgent', departmentId })
    await desk.tickets.comment.mutate({
      ticketId: worked.id,
      commentId: v7(),
      body: 'Waiting for parts',
      visibility: 'public',
    })
    await desk.tickets.transition.mutate({ ticketId: worked.id, to: 'on_hold', reason: 'Parts' })
  }
  let sleptMs = 0
  const off = (ms: number) => world.setServerClock(sleptMs + (isWrong ? ms : 0))
  const sleep = (ms: number) => {
    sleptMs += ms
    off(0)
  }
  await happens({ world, off, sleep, work })
  await pass(world, 5 * MINUTE)
  await (await api()).tickets.transition.mutate({ ticketId: worked.id, to: 'in_progress' })
  await pass(world, MINUTE)
  const tickets = { provisional, due, before, worked, during }
  const soon = statesOf(world, tickets)
  const soonSound = await recomputeSla(world.app.config, { dryRun: true })
  await pass(world, 26 * HOUR, 20 * MINUTE)
  const later = statesOf(world, tickets)
  const laterSound = await recomputeSla(world.app.config, { dryRun: true })
  await world[Symbol.asyncDispose]()
  return { soon, later, isSound: soonSound && laterSound }
}

const rightLives = new Map<string, ReturnType<typeof live>>()

/** How it goes with a clock that is right. */
function liveRight(excursion: Excursion): ReturnType<typeof live> {
  const name = excursion.like ?? excursion.what
  const known = rightLives.get(name) ?? live(excursion, false)
  rightLives.set(name, known)
  return known
}

type States = Record<string, unknown>

function statesOf(world: World, tickets: Record<string, { id: string }>): States {
  return Object.fromEntries(
    Object.entries(tickets).flatMap(([name, { id }]) => {
      const clocks = rows(
        world,
        `select metric, cycle, state, startAt, dueAt, stopAt, breachAt, isProvisional from slaClock
         where ticketId = '${id}' and isVoid = 0 order by metric, cycle`,
      )
      const [ticket = {}] = rows(world, `select createdAt, firstRespondedAt from ticket where id = '${id}'`)
      return [[name, ticket] as const, ...clocks.map((clock) => [`${name} ${String(clock['metric'])}`, clock] as const)]
    }),
  )
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value > START / 2
}

function mustBeAlike(have: States, want: States): void {
  const apart = Object.entries(want).flatMap(([name, fields]) =>
    Object.entries(fields as object).flatMap(([field, value]: [string, unknown]) => {
      const got = (have[name] as Record<string, unknown> | undefined)?.[field]
      const isAlike = isTime(value) && isTime(got) ? Math.abs(got - value) < MINUTE : got === value
      const minutes = (at: unknown) => (isTime(at) ? (at - START) / MINUTE : at)
      return isAlike ? [] : [`${name} ${field}: ${String(minutes(got))}, not ${String(minutes(value))}`]
    }),
  )
  expect(apart).toEqual([])
  expect(Object.keys(have)).toEqual(Object.keys(want))
}

it.each([...AHEAD, ...BACK, ...OTHERS])('measures tickets as if the clock had been right: $what', async (excursion) => {
  const right = await liveRight(excursion)
  const wrong = await live(excursion, true)
  mustBeAlike(wrong.soon, right.soon)
  mustBeAlike(wrong.later, right.later)
  expect(wrong.isSound).toBe(true)
})

it.each([3 * HOUR, 365 * DAY])(
  'counts honest offline work from when it was done after %i ms ahead',
  async (aheadMs) => {
    await using world = await startWorld()
    const [ada] = await world.agents('ada')
    const { id } = await world.ticket({ assignee: ada.person, priority: 'urgent' })
    const desk = await world.desk()
    await pass(world, 3 * MINUTE)
    const other = await whileWrong(world, aheadMs, async () => {
      const api = connectApi(world.url, await world.newToken(desk.id))
      await api.tickets.comment.mutate({ ticketId: id, commentId: v7(), body: 'Hello', visibility: 'internal' })
      const ticketId = v7()
      await api.tickets.create.mutate({ ticketId, title: 'Ahead', departmentId: await world.department('support') })
      await api.tickets.assign.mutate({ ticketId, agentId: ada.person.id })
      return ticketId
    })
    await pass(world, 5 * MINUTE)
    await ada.rejoin()
    ada.disconnect()
    await pass(world, 5 * MINUTE)
    const doneAt = world.clock.now()
    await ada.tickets.resolve({ ticketId: id, resolution: 'Done' })
    await ada.tickets.resolve({ ticketId: other, resolution: 'Done' })
    await pass(world, 135 * MINUTE, MINUTE)
    await ada.rejoin()
    const receipts = rows(world, 'select effectiveAt, clockSuspect, outcome from receipt where deviceId is not null')
    expect(receipts).toHaveLength(2)
    for (const receipt of receipts) {
      expect(receipt).toMatchObject({ clockSuspect: 0, outcome: 'applied' })
      expect(Math.abs(Number(receipt['effectiveAt']) - doneAt)).toBeLessThan(5000)
    }
  },
)

it('removes nothing for an hour after a start, whatever the clock says', async () => {
  await using world = await startWorld({ settings: { horizonDays: 7 } })
  for (let each = 0; each < 5; each += 1) await world.ticket()
  const count = () => Number(rows(world, 'select count(*) as count from revision')[0]?.['count'])
  const before = count()
  const midnight = Math.ceil(world.clock.now() / DAY) * DAY
  world.clock.advance(midnight + 2 * HOUR + 50 * MINUTE - world.clock.now())
  world.setServerClock(20 * DAY)
  await world.ticket()
  await world.restart()
  await pass(world, 40 * MINUTE, 5 * MINUTE)
  expect(count()).toBeGreaterThan(before)
  await pass(world, 40 * MINUTE, 5 * MINUTE)
  expect(count()).toBeLessThan(before)
})

it('ends a session that a clock has begun that was ahead, when nobody knew that it was, within an hour', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const token = await world.newToken(desk.id)
  const me = () => connectApi(world.url, token).accounts.me.query()
  expect(await me()).toMatchObject({ id: desk.id })
  await world.app.db.writer
    .updateTable('session')
    .set((row) => ({ createdAt: row('createdAt', '+', 365 * DAY), expiresAt: row('expiresAt', '+', 365 * DAY) }))
    .execute()
  await pass(world, 62 * MINUTE, MINUTE)
  await expect(me()).rejects.toThrow('Nobody is signed in')
})
