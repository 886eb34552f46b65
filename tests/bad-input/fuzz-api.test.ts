/**
 * Random JSON at every procedure there is, from people who may do everything, something and nothing, and random bytes
 * at every address that takes requests. The server may do any request that makes sense; none may be a fault of the
 * server. A failure prints the seed and the smallest input that fails.
 */
import * as fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { goodInputs, PROCEDURES, request, type Headers } from '../access/procedures.ts'
import { setStage, ticketFor, type Stage } from '../access/stage.ts'
import type { Input } from '../access/doors.ts'

const SEED = 20_260_302
const RUNS_EACH = 12
const UNLIMITED = { requestsPerMinute: 1e9, anonymousRequestsPerMinute: 1e9 }

async function setFuzzStage() {
  const faults: string[] = []
  const log = createLog('error', { write: (line) => void faults.push(line) })
  const stage = await setStage({ log, limits: UNLIMITED })
  return { stage, faults, ticketId: await ticketFor(stage, stage.people.agent, 'assigned') }
}

const CALLERS = ['admin', 'agent', 'requester', null] as const

/** Some requests end sessions, so each request comes with a session of its own. */
async function headersOf({ world, people }: Stage, role: (typeof CALLERS)[number]): Promise<Headers> {
  return role === null ? {} : { authorization: `Bearer ${await world.newToken(people[role].id)}` }
}

/** Values on which programs have stumbled, and ids that exist. */
function values(stage: Stage, ticketId: string): fc.Arbitrary<unknown> {
  const odd = [null, -1, 0, 1e308, 2 ** 53, '', ' ', '\u0000', '\ud800', '__proto__', '%', '%ff', "'", 'a'.repeat(5000)]
  const known = [
    ticketId,
    v7(),
    stage.home,
    stage.other.id,
    stage.stranger.id,
    'system',
    'requester',
    'eve@example.com',
  ]
  return fc.oneof(fc.constantFrom<unknown>(...odd), fc.constantFrom<unknown>(...known), fc.jsonValue({ maxDepth: 3 }))
}

/** Anything, or input that the procedure takes with other values in a few fields. */
function inputs(good: Input, value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const fields = fc.constantFrom('userId', 'ticketId', 'role', '__proto__', 'constructor', ...Object.keys(good))
  const changed = fc.dictionary(fields, value, { minKeys: 1, maxKeys: 3 }).map((wrong) => ({ ...good, ...wrong }))
  return fc.oneof({ weight: 1, arbitrary: value }, { weight: 3, arbitrary: changed })
}

it('answers any JSON at every procedure with what is wrong with it, if anything', { timeout: 90_000 }, async () => {
  const { stage, faults, ticketId } = await setFuzzStage()
  await using world = stage.world
  const known = await goodInputs(stage, ticketId)
  for (const path of PROCEDURES) {
    const input = inputs(
      known.get(path) ?? { token: v7(), email: 'eve@example.com', password: v7() },
      values(stage, ticketId),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CALLERS), input, async (role, wish) => {
        const answer = await request(world.url, path, await headersOf(stage, role), wish)
        expect({ path, status: answer.status, text: await answer.text(), faults: faults.splice(0) }).toEqual({
          path,
          status: expect.toSatisfy((status: number) => status < 500) as number,
          text: expect.stringMatching(/^\{"(result|error)":/) as string,
          faults: [],
        })
      }),
      { seed: SEED, numRuns: RUNS_EACH },
    )
  }
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
})

it('answers any bytes at any address that takes requests', async () => {
  const { stage, faults } = await setFuzzStage()
  await using world = stage.world
  const headers = await headersOf(stage, 'agent')
  const path = fc.oneof(
    fc.constant('/sync'),
    fc.constantFrom(...PROCEDURES.map((each) => `/trpc/${each}`)),
    fc.webPath().map((each) => `/trpc${each}`),
    fc.webPath().map((each) => `/yjs${each}`),
    fc.webPath(),
  )
  const type = fc.constantFrom('application/json', 'application/cbor', 'text/plain', 'multipart/form-data', 'x')
  const requests = fc.record({
    path,
    type,
    query: fc.webQueryParameters(),
    method: fc.constantFrom('POST', 'POST', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'),
    body: fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
  })
  await fc.assert(
    fc.asyncProperty(requests, async ({ path, type, query, method, body }) => {
      const hasBody = method !== 'GET' && method !== 'HEAD'
      const init = { method, headers: { ...headers, 'content-type': type }, ...(hasBody && { body }) }
      const { status } = await fetch(`${world.url}${path}?${query}`, init)
      expect({ isFine: status < 500, faults: faults.splice(0) }).toEqual({ isFine: true, faults: [] })
    }),
    { seed: SEED, numRuns: 500 },
  )
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
})
