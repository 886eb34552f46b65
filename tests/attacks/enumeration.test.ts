/** Who asks for somebody unknown sets off the same work, and reads the same words, as who asks for somebody known. */
import { createHook } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { startWorld, type World } from '../harness/world.ts'

const password = 'correct horse battery'

/** How many password hashes the server computes meanwhile. */
async function hashesDuring(act: () => Promise<unknown>): Promise<number> {
  let count = 0
  const hook = createHook({ init: (_id, type) => void (type === 'ARGON2REQUEST' && (count += 1)) }).enable()
  try {
    await act()
  } finally {
    hook.disable()
  }
  return count
}

interface Heard {
  readonly status: number
  readonly body: string
  readonly hashes: number
}

async function ask({ url }: World, procedure: string, input: { readonly email: string }): Promise<Heard> {
  const heard = { status: 0, body: '' }
  const hashes = await hashesDuring(async () => {
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify(input) }
    const answer = await fetch(`${url}/trpc/${procedure}`, init)
    heard.status = answer.status
    heard.body = (await answer.text()).replace(/"id":"[^"]*"/, '"id":"…"').replace(/"seq":\d+/, '"seq":0')
  })
  return { ...heard, hashes }
}

async function startTown() {
  const world = await startWorld()
  const { accounts } = (await world.desk()).api
  const add = async (name: string, secret: { password?: string }) => {
    const person = { name, email: `${name}@example.com`, role: 'agent' as const, ...secret }
    return (await accounts.createUser.mutate(person)).output.userId
  }
  await add('ada', { password })
  await add('nopassword', {})
  await accounts.disable.mutate({ userId: await add('disabled', { password }) })
  await accounts.setRegistration.mutate({ policy: 'open' })
  return world
}

const NAMES = ['ada', 'nopassword', 'disabled', 'unknown']

it('answers a wrong password the same, after one hash, whoever it is for', async () => {
  await using world = await startTown()
  const wrong = NAMES.map((name) => ({ email: `${name}@example.com`, password: 'not the password' }))
  const answers: Heard[] = []
  for (const input of wrong) answers.push(await ask(world, 'accounts.logIn', input))
  expect(answers).toEqual(NAMES.map(() => ({ status: 401, body: answers[0]?.body, hashes: 1 })))
})

it.each(['accounts.requestPasswordReset', 'accounts.register'])(
  'answers %s the same, without any hash, whoever it is for',
  async (procedure) => {
    await using world = await startTown()
    const answers: Heard[] = []
    for (const name of NAMES) answers.push(await ask(world, procedure, { email: `${name}@example.com` }))
    expect(answers).toEqual(NAMES.map(() => ({ status: 200, body: answers[0]?.body, hashes: 0 })))
  },
)
