/** People: the first administrator, further people, signing in. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { offerSetup } from '@rejoin/server/slices/accounts/setup.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const ADA = { name: 'Ada', email: 'ada@example.com', password: PASSWORD }

/** The API as nobody. */
function anonymous(world: World) {
  return connectApi(world.url)
}

async function setUp(world: World) {
  const token = (await offerSetup(world.app)) ?? ''
  const { output } = await anonymous(world).accounts.setUp.mutate({ ...ADA, token })
  return { id: output.userId, api: connectApi(world.url, output.token) }
}

it('makes the first administrator with the setup token, once', async () => {
  await using world = await startWorld()
  const token = (await offerSetup(world.app)) ?? ''
  const { accounts } = anonymous(world)
  const { output } = await accounts.setUp.mutate({ ...ADA, token })
  const me = await connectApi(world.url, output.token).accounts.me.query()
  expect(me).toMatchObject({ id: output.userId, name: 'Ada', email: 'ada@example.com', role: 'admin', departments: [] })
  expect(await codeOf(accounts.setUp.mutate({ ...ADA, email: 'eve@example.com', token }))).toBe('already-set-up')
  expect(await offerSetup(world.app)).toBeNull()
})

it('does not take a wrong setup token, and keeps the right one for later', async () => {
  await using world = await startWorld()
  const token = (await offerSetup(world.app)) ?? ''
  const { accounts } = anonymous(world)
  expect(await codeOf(accounts.setUp.mutate({ ...ADA, token: `${token}x` }))).toBe('wrong-credentials')
  expect(await codeOf(accounts.setUp.mutate({ ...ADA, token, password: 'short' }))).toBe('invalid')
  const { password, ...unsecured } = ADA
  for (const odd of [unsecured, { ...unsecured, pasword: password }, { ...ADA, role: 'agent' }]) {
    expect(await codeOf(accounts.setUp.mutate({ ...odd, token } as never))).toBe('invalid')
  }
  expect(await codeOf(accounts.setUp.mutate({ ...ADA, token }))).toBe('done')
})

it('refuses a field that it does not know, rather than do without what it was to say', async () => {
  await using world = await startWorld()
  const { api } = await setUp(world)
  const person = { name: 'Bob', email: 'bob@example.com', role: 'agent' }
  const calls = {
    createUser: () => api.accounts.createUser.mutate({ ...person, departements: [] } as never),
    register: () => anonymous(world).accounts.register.mutate({ email: person.email, departmentID: v7() } as never),
    accept: () => anonymous(world).invitations.accept.mutate({ token: 'x', ...ADA }),
    requestReset: () => anonymous(world).accounts.requestPasswordReset.mutate({ email: ADA.email, x: 1 } as never),
    workspace: () => api.workspace.edit.mutate({ name: 'W', timezone: 'UTC' } as never),
    invite: () => api.invitations.create.mutate({ email: person.email, role: 'agent', day: 3 } as never),
    changePassword: () => api.accounts.changePassword.mutate({ current: PASSWORD, password: 'x', x: 1 } as never),
  }
  for (const [what, call] of Object.entries(calls)) expect([what, await codeOf(call())]).toEqual([what, 'invalid'])
  expect(await api.accounts.people.query()).toHaveLength(1)
})

it('offers another token at the next start, and the earlier one stops working', async () => {
  await using world = await startWorld()
  const first = (await offerSetup(world.app)) ?? ''
  await world.restart()
  const second = (await offerSetup(world.app)) ?? ''
  const { accounts } = anonymous(world)
  expect(await codeOf(accounts.setUp.mutate({ ...ADA, token: first }))).toBe('wrong-credentials')
  expect(await codeOf(accounts.setUp.mutate({ ...ADA, token: second }))).toBe('done')
})

it('needs a setup token to be offered', async () => {
  await using world = await startWorld()
  expect(await codeOf(anonymous(world).accounts.setUp.mutate({ ...ADA, token: 'x' }))).toBe('already-set-up')
})

it.each(['admin', 'supervisor', 'agent', 'requester'] as const)(
  'lets an administrator add a person: %s',
  async (role) => {
    await using world = await startWorld()
    const { api } = await setUp(world)
    const { output } = await api.departments.create.mutate({ name: 'Support' })
    const departments = [output.departmentId]
    const user = { name: 'Bob', email: 'bob@example.com', password: PASSWORD, role, departments }
    await api.accounts.createUser.mutate(user)
    const signedIn = await anonymous(world).accounts.logIn.mutate({ email: 'bob@example.com', password: PASSWORD })
    const bob = connectApi(world.url, signedIn.output.token)
    expect(await bob.accounts.me.query()).toMatchObject({ name: 'Bob', role, departments })
    const others = { name: 'Eve', email: 'eve@example.com', role: 'agent' } as const
    expect(await codeOf(bob.accounts.createUser.mutate(others))).toBe(role === 'admin' ? 'done' : 'forbidden')
    expect(await codeOf(bob.accounts.people.query())).toBe(role === 'requester' ? 'forbidden' : 'done')
  },
)

it.each([
  { what: 'an address that is taken, in other letters', user: { email: 'ADA@Example.com' }, code: 'conflict' },
  { what: 'what is no address', user: { email: 'ada' }, code: 'invalid' },
  { what: 'a short password', user: { password: 'short' }, code: 'invalid' },
  { what: 'an unknown role', user: { role: 'root' as 'admin' }, code: 'invalid' },
  { what: 'an unknown department', user: { departments: [v7()] }, code: 'not-found' },
  { what: 'an empty name', user: { name: ' ' }, code: 'invalid' },
])('does not add a person with $what', async ({ user, code }) => {
  await using world = await startWorld()
  const { api } = await setUp(world)
  const wanted = { name: 'Bob', email: 'bob@example.com', role: 'agent' as const, ...user }
  expect(await codeOf(api.accounts.createUser.mutate(wanted))).toBe(code)
  expect(await api.accounts.people.query()).toMatchObject([{ name: 'Ada' }])
})

it('does not give two people one id', async () => {
  await using world = await startWorld()
  const { id, api } = await setUp(world)
  const bob = { userId: id, name: 'Bob', email: 'bob@example.com', role: 'agent' } as const
  expect(await codeOf(api.accounts.createUser.mutate(bob))).toBe('id-taken')
})

it('lists people by name, role and department', async () => {
  await using world = await startWorld()
  const sue = await world.person('sue', 'supervisor')
  await world.person('bob', 'agent', ['network'])
  await world.person('ada', 'agent')
  const departmentId = await world.department('network')
  const names = async (filter: { role?: 'agent'; departmentId?: string }) =>
    (await sue.api.accounts.people.query(filter)).map(({ name }) => name)
  expect(await names({})).toEqual(['ada', 'bob', 'sue'])
  expect(await names({ role: 'agent' })).toEqual(['ada', 'bob'])
  expect(await names({ role: 'agent', departmentId })).toEqual(['bob'])
  for (const person of await sue.api.accounts.people.query()) expect(person).not.toHaveProperty('passwordHash')
})

it('signs in with the address in any letters and the right password only', async () => {
  await using world = await startWorld()
  const { api } = await setUp(world)
  await api.accounts.createUser.mutate({ name: 'Import', email: 'import@example.com', role: 'requester' })
  const logIn = (email: string, password: string) => codeOf(anonymous(world).accounts.logIn.mutate({ email, password }))
  expect(await logIn('ADA@example.com', PASSWORD)).toBe('done')
  expect(await logIn('ada@example.com', `${PASSWORD}!`)).toBe('wrong-credentials')
  expect(await logIn('ada@example.com', '')).toBe('wrong-credentials')
  expect(await logIn('eve@example.com', PASSWORD)).toBe('wrong-credentials')
  expect(await logIn('import@example.com', '')).toBe('wrong-credentials')
})

it('gives the same answer for a wrong password and for somebody unknown', async () => {
  await using world = await startWorld()
  await setUp(world)
  const answer = (email: string) =>
    anonymous(world)
      .accounts.logIn.mutate({ email, password: 'not the password' })
      .catch((error: unknown) => (error instanceof Error ? error.message : ''))
  expect(await answer('ada@example.com')).toBe(await answer('eve@example.com'))
})

it('takes a password in whatever form of Unicode it is typed', async () => {
  await using world = await startWorld()
  const { api } = await setUp(world)
  const bob = { name: 'Bob', email: 'bob@example.com', role: 'agent' } as const
  await api.accounts.createUser.mutate({ ...bob, password: 'cafe\u0301 au lait' })
  const signedIn = anonymous(world).accounts.logIn.mutate({ email: bob.email, password: 'caf\u00E9 au lait' })
  expect(await codeOf(signedIn)).toBe('done')
})

it('stores passwords as argon2id PHC strings at the full cost, with a salt of their own', async () => {
  await using world = await startWorld({ hashCost: undefined })
  const { api } = await setUp(world)
  await api.accounts.createUser.mutate({ name: 'Bob', email: 'bob@example.com', role: 'agent', password: PASSWORD })
  const rows = await world.app.read.selectFrom('user').select('passwordHash').execute()
  const hashes = rows.map(({ passwordHash }) => passwordHash ?? '')
  const phc = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/
  expect(hashes).toEqual([expect.stringMatching(phc), expect.stringMatching(phc)])
  expect(new Set(hashes).size).toBe(2)
})
