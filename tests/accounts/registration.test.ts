/** Registering of one's own accord: who may, what the address has to do with it, and what nobody learns by it. */
import { expect, it } from 'vitest'
import { startMailedWorld, type MailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'

const PASSWORD = 'correct horse battery'
const RITA = 'rita@example.org'
const HOUR = 3_600_000

async function open(office: MailedWorld) {
  const { api } = await office.world.desk()
  await api.accounts.setRegistration.mutate({ policy: 'open' })
  return api
}

/** Asks, opens the link and joins. */
async function register(office: MailedWorld, email: string, input: object = {}) {
  await office.anonymous.accounts.register.mutate({ email, ...input })
  await office.deliver()
  const { output } = await office.anonymous.invitations.accept.mutate({
    token: office.tokenFor(email),
    name: 'Rita',
    password: PASSWORD,
  })
  return output
}

it('lets a requester in at once when they have confirmed their address', async () => {
  await using office = await startMailedWorld()
  await open(office)
  await office.anonymous.accounts.register.mutate({ email: RITA })
  expect(await codeOf(office.signIn(RITA, PASSWORD))).toBe('wrong-credentials')
  await office.deliver()
  const token = office.tokenFor(RITA)
  expect(await office.anonymous.invitations.verify.query({ token })).toMatchObject({ email: RITA, role: 'requester' })
  const joined = await office.anonymous.invitations.accept.mutate({ token, name: 'Rita', password: PASSWORD })
  expect(joined.output).toMatchObject({ status: 'active' })
  const rita = await office.signIn(RITA, PASSWORD)
  const me = { name: 'Rita', email: RITA, role: 'requester', number: 'CUS-0001', departments: [] }
  expect(await rita.accounts.me.query()).toMatchObject(me)
  await office.deliver()
  expect(office.subjectsTo(RITA)).toEqual(['Confirm your email address', 'Welcome'])
})

it.each(['agent', 'supervisor'] as const)(
  'lets an %s wait for approval, who cannot sign in meanwhile',
  async (role) => {
    await using office = await startMailedWorld()
    await open(office)
    const departmentId = await office.world.department('support')
    const { status } = await register(office, RITA, { role, departmentId })
    expect(status).toBe('pending')
    expect(await codeOf(office.signIn(RITA, PASSWORD))).toBe('wrong-credentials')
  },
)

it.each([
  { what: 'a requester with a department', role: 'requester', place: 'support', code: 'invalid' },
  { what: 'an agent without one', role: 'agent', place: null, code: 'invalid' },
  { what: 'an agent of an unknown one', role: 'agent', place: 'nowhere', code: 'not-found' },
  { what: 'an administrator', role: 'admin', place: null, code: 'invalid' },
])('registers nobody as $what', async ({ role, place, code }) => {
  await using office = await startMailedWorld()
  await open(office)
  const support = await office.world.department('support')
  const departmentId = place === null ? undefined : place === 'support' ? support : crypto.randomUUID()
  const input = { email: RITA, role: role as 'agent', departmentId }
  expect(await codeOf(office.anonymous.accounts.register.mutate(input))).toBe(code)
})

it('is closed until an administrator opens it, to all or to whoever has an address at a domain', async () => {
  await using office = await startMailedWorld()
  const { accounts } = office.anonymous
  const { api } = await office.world.desk()
  const ask = (email: string) => codeOf(accounts.register.mutate({ email }))
  await office.world.department('support')
  expect(await accounts.registrationForm.query()).toEqual({ policy: 'closed', departments: [] })
  expect(await ask('early@example.org')).toBe('forbidden')
  await api.accounts.setRegistration.mutate({ policy: 'domain', domains: ['Example.org'] })
  expect(await accounts.registrationForm.query()).toMatchObject({
    policy: 'domain',
    departments: [{ name: 'support' }],
  })
  expect(await ask(RITA)).toBe('done')
  expect(await ask('RITA@EXAMPLE.ORG')).toBe('done')
  const others = ['eve@example.com', 'eve@mail.example.org', 'eve@notexample.org', 'eve@example.org.evil.com']
  expect(await Promise.all(others.map(ask))).toEqual(others.map(() => 'forbidden'))
  await api.accounts.setRegistration.mutate({ policy: 'closed' })
  expect(await ask('late@example.org')).toBe('forbidden')
})

it('tells only the owner of an address that it has an account', async () => {
  await using office = await startMailedWorld()
  await open(office)
  await register(office, RITA)
  const answers = [RITA, 'eve@example.org'].map((email) => office.anonymous.accounts.register.mutate({ email }))
  const [known, unknown] = await Promise.all(answers)
  expect(known).toEqual(unknown)
  await office.deliver()
  expect(office.subjectsTo(RITA).at(-1)).toBe('You already have an account')
  expect(office.subjectsTo('eve@example.org')).toEqual(['Confirm your email address'])
})

it('lets a link work once, for a day, and only the newest', async () => {
  await using office = await startMailedWorld()
  await open(office)
  const { accounts, invitations } = office.anonymous
  const accept = (token: string) => codeOf(invitations.accept.mutate({ token, name: 'Rita', password: PASSWORD }))
  await accounts.register.mutate({ email: RITA })
  await office.deliver()
  const first = office.tokenFor(RITA)
  await accounts.register.mutate({ email: RITA })
  await office.deliver()
  const second = office.tokenFor(RITA)
  expect(await accept(first)).toBe('bad-link')
  await office.world.advance(24 * HOUR)
  expect(await invitations.verify.query({ token: second })).toBeNull()
  expect(await accept(second)).toBe('bad-link')
  await accounts.register.mutate({ email: RITA })
  await office.deliver()
  const third = office.tokenFor(RITA)
  const codes = await Promise.all([accept(third), accept(third)])
  expect(codes.toSorted()).toEqual(['bad-link', 'done'])
})

it('gives people numbers without gaps, by what they came as', async () => {
  await using office = await startMailedWorld()
  const api = await open(office)
  const refused = { name: 'X', email: 'office@example.com', role: 'requester' } as const
  expect(await codeOf(api.accounts.createUser.mutate(refused))).toBe('conflict')
  await register(office, RITA)
  await register(office, 'otto@example.org')
  await office.world.person('ada', 'agent')
  const people = await api.accounts.people.query()
  const numbers = people.map(({ email, number }) => `${number} ${email}`).toSorted()
  expect(numbers).toEqual([
    'CUS-0001 rita@example.org',
    'CUS-0002 otto@example.org',
    'TEC-0001 office@example.com',
    'TEC-0002 ada@example.com',
  ])
})
