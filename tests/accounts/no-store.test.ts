/** No cache keeps an answer: it may hold a token, and always holds what only its reader may see. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { PROCEDURES, request, type Headers } from '../access/procedures.ts'
import { startWorld } from '../harness/world.ts'

const password = 'correct horse battery'

it('forbids every cache to keep the answer of any procedure and of the door of devices, to anybody', async () => {
  await using world = await startWorld()
  const { token } = await world.person('ada', 'agent')
  for (const headers of [{}, { authorization: `Bearer ${token}` }] satisfies Headers[]) {
    for (const path of PROCEDURES) {
      const answer = await request(world.url, path, headers, 'nonsense')
      expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store'])
    }
    const answer = await fetch(`${world.url}/sync`, { method: 'POST', headers, body: '{}' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
})

it('forbids it with each token that is given', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const email = `${v7()}@example.com`
  await desk.api.accounts.createUser.mutate({ name: 'Ada', email, password, role: 'agent' })
  const ask = async (path: string, headers: Headers, input: unknown) => {
    const answer = await request(world.url, path, headers, input)
    const text = await answer.text()
    expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([path, 200, 'no-store'])
    const found = /"token":"([^"]+)"/.exec(text)?.[1]
    expect([path, found !== undefined]).toEqual([path, true])
    return { authorization: `Bearer ${found}` }
  }
  const session = await ask('accounts.logIn', {}, { email, password })
  await ask('accounts.apiTokens.create', session, { name: 'Wiki', scopes: ['ticket.read'], days: 1, password })
  await ask('accounts.changePassword', session, { current: password, password: 'quite another one' })
})
