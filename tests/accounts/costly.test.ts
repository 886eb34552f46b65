/** What costs much, as hashing a password, comes after all that is cheap to refuse, and nobody's queue is everybody's. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { ANYWHERE_CALLS } from '../access/anywhere.ts'
import { answerTo, PROCEDURES } from '../access/procedures.ts'
import { setStage } from '../access/stage.ts'
import { ANYWHERE } from '../access/table.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

const password = 'correct horse battery'

/** How often costly work was done, of any kind. */
async function countOf(world: World): Promise<number> {
  const text = await (await fetch(`${world.url}/metrics`)).text()
  const figures = text.matchAll(/^rejoin_preparations_total\{.*\} (\d+)$/gm)
  return [...figures].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** What they do with a good password, and how often that costs. */
async function costOf(world: World, work: () => Promise<string>): Promise<{ code: string; cost: number }> {
  const before = await countOf(world)
  const code = await work()
  return { code, cost: (await countOf(world)) - before }
}

it('costs nothing to ask for what one’s role does not allow, whatever it is', async () => {
  const stage = await setStage()
  await using world = stage.world
  const { people } = stage
  const refused = (Object.keys(ANYWHERE) as (keyof typeof ANYWHERE)[]).filter(
    (what) => ANYWHERE[what].requester === 'f',
  )
  for (const what of refused) {
    const { procedure, input } = ANYWHERE_CALLS[what]
    const asked = await input?.(stage, 'requester')
    const body = procedure === 'accounts.createUser' ? { ...asked, password } : asked
    const headers = { authorization: `Bearer ${people.requester.token}` }
    const found = await costOf(world, () => answerTo(world.url, procedure, headers, body))
    expect({ what, ...found }).toEqual({ what, code: 'forbidden', cost: 0 })
  }
})

it('costs nothing to ask without a session for what needs one, or is over, or takes a link that nobody was given', async () => {
  await using world = await startWorld()
  const person = { name: 'Ada', email: 'ada@example.com', password }
  const inputs: Record<string, object> = {
    'accounts.setUp': { ...person, token: 'none' },
    'accounts.resetPassword': { token: 'a'.repeat(43), password },
    'invitations.accept': { ...person, token: 'a'.repeat(43) },
  }
  const guarded = PROCEDURES.filter((path) => path.startsWith('accounts.logIn'))
  for (const path of PROCEDURES.filter((each) => !guarded.includes(each))) {
    const { cost } = await costOf(world, () => answerTo(world.url, path, {}, inputs[path] ?? person))
    expect({ path, cost }).toEqual({ path, cost: 0 })
  }
})

it('costs nothing to ask again for what is there, or was done under the same command id', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = { name: 'Ada', email: 'ada@example.com', role: 'agent', password } as const
  const headers = { authorization: `Bearer ${desk.token}`, 'idempotency-key': v7() }
  const create = () => answerTo(world.url, 'accounts.createUser', headers, ada)
  expect(await costOf(world, create)).toEqual({ code: 'done', cost: 1 })
  expect(await costOf(world, create)).toEqual({ code: 'done', cost: 0 })
  expect(await costOf(world, () => codeOf(desk.api.accounts.createUser.mutate(ada)))).toEqual({
    code: 'conflict',
    cost: 0,
  })
})

const from =
  (address: string): typeof fetch =>
  (url, init) =>
    fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), 'x-forwarded-for': address } })

it('lets somebody in who comes from elsewhere while one network has a queue of sign-ins', async () => {
  await using world = await startWorld({ hashCost: undefined, settings: { proxies: 1 } })
  const desk = await world.desk()
  const ada = { email: 'ada@example.com', password }
  await desk.api.accounts.createUser.mutate({ ...ada, name: 'Ada', role: 'agent' })
  const tried: string[] = []
  const attack = Array.from({ length: 45 }, async () => {
    const guess = { email: `${v7()}@example.com`, password }
    tried.push(await codeOf(connectApi(world.url, undefined, from('203.0.113.1')).accounts.logIn.mutate(guess)))
  })
  await connectApi(world.url, undefined, from('198.51.100.7')).accounts.logIn.mutate(ada)
  expect(tried.length).toBeLessThan(25)
  await Promise.all(attack)
  expect(new Set(tried)).toEqual(new Set(['wrong-credentials']))
})

it('takes so much of one caller, and tells them how much waits and when to come back', async () => {
  await using world = await startWorld({ hashCost: undefined })
  const { token } = await world.desk()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const create = async () => {
    const person = { name: 'New', email: `${v7()}@example.com`, role: 'agent', password }
    const answer = await fetch(`${world.url}/trpc/accounts.createUser`, {
      method: 'POST',
      headers,
      body: JSON.stringify(person),
    })
    return { status: answer.status, wait: Number(answer.headers.get('retry-after')), text: await answer.text() }
  }
  const answers = await Promise.all(Array.from({ length: 200 }, create))
  const refused = answers.filter(({ status }) => status !== 200)
  expect(refused.length).toBeGreaterThan(0)
  for (const { status, wait, text } of refused) {
    expect({ status, isLater: wait > 0, text }).toEqual({
      status: 503,
      isLater: true,
      text: expect.stringContaining('64 of your requests are already waiting.') as string,
    })
  }
})
