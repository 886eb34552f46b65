/**
 * The server's clock is ahead for seven seconds, in which people work, and then right: each thing that waits for a time
 * works again within the longest that it waits at all, also after a restart.
 */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi, type Api } from '@rejoin/client-sdk/api.ts'
import { startWorld, type World } from '../harness/world.ts'
import { appOf, BOB, hire } from '../accounts/second-step.ts'
import { DAY, HOUR, MINUTE, pass, rows, waitOf, whileWrong } from './wrong.ts'

interface Scene {
  readonly world: World
  readonly aheadMs: number
  readonly sent: string[]
  /** Whether the mail server takes nothing. */
  readonly mail: { isDown: boolean }
  /** The administrator, in a session of this moment. */
  admin(): Promise<Api>
}

interface NotBefore {
  readonly what: string
  /** The longest that it waits. */
  readonly longestMs: number
  /** While the clock is right. */
  readonly before?: (scene: Scene) => Promise<unknown>
  /** While it is wrong. */
  readonly wrong: (scene: Scene, before: unknown) => Promise<unknown>
  /** Once it is right again, and the longest time has passed. */
  readonly works: (scene: Scene, left: { before: unknown; wrong: unknown }) => Promise<void>
}

const account = { email: 'bob@example.com', password: 'correct horse battery' }

async function guess(world: World, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await connectApi(world.url)
      .accounts.logIn.mutate({ ...account, password: `guess ${time}` })
      .catch(() => undefined)
  }
}

function me(world: World, token?: string): Promise<Response> {
  return fetch(`${world.url}/trpc/accounts.me`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
}

const TABLE: readonly NotBefore[] = [
  {
    what: 'recurring work',
    longestMs: 7 * MINUTE,
    wrong: async ({ admin }) =>
      (await admin()).accounts.createUser.mutate({ ...account, name: 'Bob', role: 'requester' }),
    async works({ world }) {
      const readiness = await fetch(`${world.url}/readyz`)
      expect(await readiness.json()).toMatchObject({ checks: { jobs: { ok: true }, sweep: { ok: true } } })
      const metrics = await (await fetch(`${world.url}/metrics`)).text()
      const last = /^rejoin_job_last_run_timestamp_seconds\{task="outbox"\} (\d+)/m.exec(metrics)?.[1]
      expect(Math.abs(Number(last) * 1000 - world.clock.now())).toBeLessThan(MINUTE)
    },
  },
  {
    what: 'a letter that is asked for afterwards',
    longestMs: 10_000,
    wrong: ({ admin }) => admin(),
    async works({ admin, sent, world }) {
      await (await admin()).invitations.create.mutate({ email: 'ned@example.org', role: 'requester' })
      await pass(world, 10_000, 5000)
      expect(sent).toEqual(['ned@example.org'])
    },
  },
  {
    what: 'a letter that could not be sent at once',
    longestMs: 6 * HOUR + MINUTE,
    async wrong({ admin, mail, world }) {
      mail.isDown = true
      await (await admin()).invitations.create.mutate({ email: 'ned@example.org', role: 'requester' })
      await world.advance(10_000)
      mail.isDown = false
    },
    works: async ({ sent }) => expect(sent).toEqual(['ned@example.org']),
  },
  {
    what: 'a deadline that was set before',
    longestMs: 32 * MINUTE,
    before: ({ world }) => world.ticket({ priority: 'urgent' }),
    wrong: ({ admin }) => admin(),
    works: ({ world }, { before }) => breachesOnTime(world, before, 32 * MINUTE),
  },
  {
    what: 'a deadline of a ticket that was made meanwhile',
    longestMs: 34 * MINUTE,
    wrong: ({ admin, world }) => admin().then((api) => made(world, api)),
    works: ({ world }, { wrong }) => breachesOnTime(world, wrong, 34 * MINUTE),
  },
  {
    what: 'a deadline that was moved meanwhile',
    longestMs: 32 * MINUTE,
    before: ({ world }) => world.ticket({ priority: 'low' }),
    async wrong({ admin }, before) {
      const { id: ticketId } = before as { id: string }
      await (await admin()).tickets.edit.mutate({ ticketId, set: { priority: 'urgent' } })
    },
    works: ({ world }, { before }) => breachesOnTime(world, before, 32 * MINUTE),
  },
  {
    what: 'a deadline of a ticket that rested meanwhile',
    longestMs: 5 * HOUR,
    before: ({ world }) => world.ticket({ priority: 'urgent' }),
    async wrong({ admin, world }, before) {
      const { id: ticketId } = before as { id: string }
      const api = await admin()
      await api.tickets.transition.mutate({ ticketId, to: 'on_hold', reason: 'Parts' })
      await world.advance(1000)
      await api.tickets.transition.mutate({ ticketId, to: 'in_progress' })
    },
    async works({ world }, { before }) {
      const { id } = before as { id: string }
      const [clock] = rows(
        world,
        `select breachAt, startAt from slaClock where metric = 'resolution' and ticketId = '${id}'`,
      )
      expect(Math.abs(Number(clock?.['breachAt']) - Number(clock?.['startAt']) - 4 * HOUR)).toBeLessThan(MINUTE)
    },
  },
  {
    what: 'a policy that is changed for open tickets meanwhile',
    longestMs: 32 * MINUTE,
    before: ({ world }) => world.ticket({ priority: 'urgent' }),
    async wrong({ admin }) {
      const api = await admin()
      const { value } = (await api.sla.policies.list.query())[0] ?? {}
      const targets = { resolution: { urgent: 20 } }
      await api.sla.policies.edit.mutate({
        policyId: 'default',
        value: { ...value, targets } as never,
        applyTo: 'open',
      })
    },
    async works({ world }, { before }) {
      const { id } = before as { id: string }
      const [clock] = rows(
        world,
        `select breachAt, startAt from slaClock where metric = 'resolution' and ticketId = '${id}'`,
      )
      expect(Math.abs(Number(clock?.['breachAt']) - Number(clock?.['startAt']) - 20 * MINUTE)).toBeLessThan(2 * MINUTE)
    },
  },
  {
    what: 'the right password after wrong ones',
    longestMs: 15 * MINUTE,
    before: ({ world }) => hire(world),
    wrong: ({ world }) => guess(world, 7),
    async works({ world }) {
      expect(await waitOf(connectApi(world.url).accounts.logIn.mutate(BOB))).toBe(0)
    },
  },
  {
    what: 'a link for a new password after others',
    longestMs: HOUR,
    before: ({ world }) => hire(world),
    async wrong({ world }) {
      const api = connectApi(world.url)
      for (let time = 0; time < 5; time += 1)
        await api.accounts.requestPasswordReset.mutate(account).catch(() => undefined)
    },
    async works({ world }) {
      expect(await waitOf(connectApi(world.url).accounts.requestPasswordReset.mutate(account))).toBe(0)
    },
  },
  {
    what: 'a code of an authenticator',
    longestMs: MINUTE,
    async before({ world }) {
      const [app, bob] = [appOf(world), await hire(world)]
      const { output } = await bob.api.accounts.mfa.begin.mutate({ password: BOB.password })
      app.take(output.secret)
      await bob.api.accounts.mfa.confirm.mutate({ code: app.code() })
      return app
    },
    wrong: ({ world, aheadMs }, app) => secondStep(world, (app as ReturnType<typeof appOf>).code(aheadMs)),
    async works({ world }, { before }) {
      expect(await secondStep(world, (before as ReturnType<typeof appOf>).code())).toBe('session')
    },
  },
  {
    what: 'requests, after too many of them',
    longestMs: MINUTE,
    async wrong({ world }) {
      const token = await world.newToken((await world.desk()).id)
      for (let time = 0; time < 40; time += 1) await me(world, token)
      expect((await me(world, token)).status).toBe(429)
      return token
    },
    works: async ({ world }, { wrong }) => expect((await me(world, wrong as string)).status).toBe(200),
  },
  {
    what: 'a session from before',
    longestMs: 1000,
    before: async ({ world }) => world.newToken((await world.desk()).id),
    wrong: async ({ world }, token) => void (await me(world, token as string)),
    works: async ({ world }, { before }) => expect((await me(world, before as string)).status).toBe(200),
  },
  {
    what: 'when a session was seen last',
    longestMs: 11 * MINUTE,
    async wrong({ world }) {
      const token = await world.newToken((await world.desk()).id)
      await me(world, token)
      await world.advance(MINUTE)
      return token
    },
    async works({ world }, { wrong }) {
      await me(world, wrong as string)
      await pass(world, MINUTE)
      expect(
        rows(
          world,
          `select id from session where lastSeenAt > ${world.clock.now()} and id in (
        select id from session order by createdAt desc limit 1)`,
        ),
      ).toEqual([])
    },
  },
  {
    what: 'when a device was heard of last',
    longestMs: 1000,
    async wrong({ world }) {
      const owner = await world.person(`ada-${v7()}`, 'agent')
      const device = await world.device(owner)
      await world.advance(2000)
      return device
    },
    async works({ world }, { wrong }) {
      await (wrong as Awaited<ReturnType<World['device']>>).rejoin()
      await world.advance(2000)
      expect(rows(world, `select id from device where lastSeenAt > ${world.clock.now()}`)).toEqual([])
    },
  },
]

async function made(world: World, api: Api): Promise<{ id: string }> {
  const id = v7()
  const departmentId = await world.department('support')
  await api.tickets.create.mutate({ title: 'Printer', priority: 'urgent', ticketId: id, departmentId })
  return { id }
}

/** The first response of the ticket was due half an hour after the clock was right again, `agoMs` ago, and that is known. */
async function breachesOnTime(world: World, ticket: unknown, agoMs: number): Promise<void> {
  const { id } = ticket as { id: string }
  const [clock] = rows(world, `select breachAt from slaClock where metric = 'first_response' and ticketId = '${id}'`)
  const breachAt = Number(clock?.['breachAt'])
  const rightAt = world.clock.now() - agoMs
  expect(breachAt).toBeGreaterThan(rightAt + 30 * MINUTE - 20_000)
  expect(breachAt).toBeLessThan(rightAt + 32 * MINUTE)
}

async function secondStep(world: World, code: string): Promise<string> {
  const api = connectApi(world.url)
  const { output } = await api.accounts.logIn.mutate(BOB)
  return (await api.accounts.mfa.answer.mutate({ token: output.token, code })).output.opens
}

const LAPSES = [
  { aheadMs: DAY, restarts: false },
  { aheadMs: DAY, restarts: true },
  { aheadMs: 365 * DAY, restarts: false },
]
const CASES = TABLE.flatMap((row) => LAPSES.map((lapse) => ({ ...row, ...lapse, days: lapse.aheadMs / DAY })))

it.each(CASES)('$what works again after $days days ahead, restarted: $restarts', async (row) => {
  const sent: string[] = []
  const mail = { isDown: false }
  await using world = await startWorld({
    limits: { requestsPerMinute: 30 },
    senders: {
      mail: {
        async deliver({ payload }) {
          if (mail.isDown) throw new Error('No answer.')
          sent.push(payload.to)
        },
        atOnce: 1,
        atOnceToOne: 1,
        receiverOf: ({ to }) => to,
      },
    },
  })
  const admin = async () => connectApi(world.url, await world.newToken((await world.desk()).id))
  const scene: Scene = { world, aheadMs: row.aheadMs, sent, mail, admin }
  await world.desk()
  const before = await row.before?.(scene)
  await pass(world, 8000, 2000)
  const wrong = await whileWrong(world, row.aheadMs, () => row.wrong(scene, before))
  if (row.restarts) await world.restart()
  await pass(world, row.longestMs, row.longestMs > HOUR ? 5 * MINUTE : 30_000)
  await row.works(scene, { before, wrong })
  expect(world.app.jobs.states().filter(({ isLate }) => isLate)).toEqual([])
})
