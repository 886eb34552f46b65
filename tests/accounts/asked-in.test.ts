/** People who are added without a password are asked in by a letter, and somebody who was added is not stuck without one. */
import { expect, it } from 'vitest'
import { startMailedWorld, type MailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const INVITED = 'Invitation to create an account'

const FILE = [
  'name,email,role,departments,status',
  'Zoë,zoe@example.com,agent,support,',
  'Rita,rita@example.com,requester,,',
  'Pia,pia@example.com,agent,support,pending',
  'Dan,dan@example.com,agent,support,disabled',
  'Old,old@example.invalid,requester,,',
].join('\n')

async function joinBy(office: MailedWorld, email: string, name: string): Promise<string> {
  const token = office.tokenFor(email)
  return codeOf(office.anonymous.invitations.accept.mutate({ token, name, password: PASSWORD }))
}

it('asks in each active person of a file and each who is added without a password, once', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const support = await office.world.department('support')
  const { output } = await api.accounts.importPeople.mutate({ csv: FILE })
  expect(output).toEqual({ lines: [2, 3, 4, 5, 6].map((line) => ({ line, outcome: 'added' })) })
  const nora = { name: 'Nora', email: 'nora@example.com', role: 'supervisor' } as const
  const created = await api.accounts.createUser.mutate({ ...nora, departments: [support] })
  expect(created.output).not.toHaveProperty('note')
  await api.accounts.importPeople.mutate({ csv: FILE })
  await office.deliver()
  expect(office.post.received.map(({ to, email }) => [...to, email.subject])).toEqual([
    ['zoe@example.com', INVITED],
    ['rita@example.com', INVITED],
    ['nora@example.com', INVITED],
  ])
  const open = await api.invitations.list.query()
  expect(open.map(({ email, role }) => [email, role])).toEqual([
    ['zoe@example.com', 'agent'],
    ['rita@example.com', 'requester'],
    ['nora@example.com', 'supervisor'],
  ])
  const people = await api.accounts.people.query()
  expect(await office.anonymous.invitations.verify.query({ token: office.tokenFor('zoe@example.com') })).toMatchObject({
    name: 'Zoë',
    role: 'agent',
  })
  expect(await joinBy(office, 'zoe@example.com', 'Zoë B.')).toBe('done')
  expect(await joinBy(office, 'zoe@example.com', 'Eve')).toBe('bad-link')
  const zoe = await office.signIn('zoe@example.com', PASSWORD)
  const { id } = people.find(({ email }) => email === 'zoe@example.com') ?? {}
  expect(await zoe.accounts.me.query()).toMatchObject({ id, name: 'Zoë B.', role: 'agent', departments: [support] })
  expect(await api.accounts.people.query()).toHaveLength(people.length)
  const { entries } = await api.audit.list.query({ type: 'user-joined' })
  expect(entries).toMatchObject([{ actorId: id, subjectId: id }])
})

it('says where there is no mail server that letters wait, and gives the link to hand over', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const note = expect.stringMatching(
    /^No mail server is configured .* invitations\.create with the same address/,
  ) as string
  await world.department('support')
  expect((await api.accounts.importPeople.mutate({ csv: FILE })).output).toMatchObject({ note })
  expect((await api.accounts.importPeople.mutate({ csv: FILE })).output).not.toHaveProperty('note')
  const nora = { name: 'Nora', email: 'nora@example.com', role: 'agent' } as const
  expect((await api.accounts.createUser.mutate(nora)).output).toMatchObject({ note })
  expect(await api.mail.waiting.query()).toHaveLength(3)
  const { output } = await api.invitations.create.mutate({ email: 'nora@example.com', role: 'agent' })
  expect(output.token).toMatch(/^\S{40,}$/)
})

it('invites somebody who never signed in as what they are, and nothing else', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const support = await office.world.department('support')
  const depot = await office.world.department('depot')
  await api.accounts.importPeople.mutate({ csv: FILE })
  const zoe = { email: 'zoe@example.com', role: 'agent' } as const
  const invite = (input: Parameters<typeof api.invitations.create.mutate>[0]) => api.invitations.create.mutate(input)
  expect(await codeOf(invite({ ...zoe, role: 'admin' }))).toBe('conflict')
  await expect(invite({ ...zoe, departments: [depot] })).rejects.toThrow(
    'email: this is the address of Zoë, with the role agent in support.',
  )
  expect(await codeOf(invite({ ...zoe, departments: [support] }))).toBe('done')
  const { token } = (await invite(zoe)).output
  expect(await codeOf(invite({ email: 'dan@example.com', role: 'agent' }))).toBe('conflict')
  expect(await codeOf(invite({ email: 'pia@example.com', role: 'agent' }))).toBe('conflict')
  const joining = { token, name: 'Zoë', password: PASSWORD }
  expect(await codeOf(office.anonymous.invitations.accept.mutate(joining))).toBe('done')
  expect(await codeOf(invite(zoe)), 'she has a password now').toBe('conflict')
})

it('gives no supervisor a link to somebody who is, or has become, more than they are', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const support = await office.world.department('support')
  const sue = await office.world.person('sue', 'supervisor')
  const boss = { name: 'Boss', email: 'boss@example.com', role: 'admin' } as const
  await api.accounts.createUser.mutate(boss)
  const ask = (email: string) => sue.api.invitations.create.mutate({ email, role: 'agent', departments: [support] })
  expect(await codeOf(ask(boss.email))).toBe('forbidden')
  const al = { name: 'Al', email: 'al@example.com', role: 'agent' } as const
  const { userId } = (await api.accounts.createUser.mutate({ ...al, departments: [support] })).output
  const { token } = (await ask(al.email)).output
  await api.accounts.setRole.mutate({ userId, role: 'admin' })
  const joining = { token, name: 'Al', password: PASSWORD }
  expect(await codeOf(office.anonymous.invitations.accept.mutate(joining))).toBe('bad-link')
})

it('asks in who was added disabled or pending once they may sign in, and says when that waits', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  await office.world.department('support')
  await api.accounts.importPeople.mutate({ csv: FILE })
  await office.deliver()
  const idOf = async (name: string) => (await api.accounts.people.query()).find((each) => each.name === name)?.id ?? ''
  const enabled = await api.accounts.enable.mutate({ userId: await idOf('Dan') })
  const approved = await api.accounts.approve.mutate({ userId: await idOf('Pia') })
  expect([enabled.output, approved.output]).toEqual([{}, {}])
  await office.deliver()
  for (const [name, email] of [
    ['Dan', 'dan@example.com'],
    ['Pia', 'pia@example.com'],
  ] as const) {
    expect(office.subjectsTo(email)).toEqual([INVITED])
    expect(await joinBy(office, email, name)).toBe('done')
    await api.accounts.disable.mutate({ userId: await idOf(name) })
    await api.accounts.enable.mutate({ userId: await idOf(name) })
    expect(await codeOf(office.signIn(email, PASSWORD))).toBe('done')
  }
  await office.deliver()
  expect(office.subjectsTo('dan@example.com').filter((subject) => subject === INVITED)).toHaveLength(1)

  await using unmailed = await startWorld()
  const { accounts } = (await unmailed.desk()).api
  const head = 'name,email,role,status'
  const disabled = await accounts.importPeople.mutate({ csv: `${head}\nDan,dan@example.com,agent,disabled` })
  expect(disabled.output).toEqual({ lines: [{ line: 2, outcome: 'added' }] })
  const [dan] = await accounts.people.query({ role: 'agent' })
  const { output } = await accounts.enable.mutate({ userId: dan?.id ?? '' })
  expect(output.note).toContain('invitations wait')
})

it('lets one link do: who has set a password by one does not need the other', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const { accounts, invitations } = office.anonymous
  for (const name of ['ann', 'ben']) {
    await api.accounts.createUser.mutate({ name, email: `${name}@example.com`, role: 'agent' })
  }
  const linkFor = async (email: string) => (await api.accounts.createPasswordLink.mutate({ email })).output.token
  const inviteTo = async (email: string) => (await api.invitations.create.mutate({ email, role: 'agent' })).output.token
  const [annsInvitation, annsLink] = [await inviteTo('ann@example.com'), await linkFor('ann@example.com')]
  const [bensInvitation, bensLink] = [await inviteTo('ben@example.com'), await linkFor('ben@example.com')]
  const accept = (token: string) => codeOf(invitations.accept.mutate({ token, name: 'X', password: PASSWORD }))
  const reset = (token: string) => codeOf(accounts.resetPassword.mutate({ token, password: PASSWORD }))
  expect([await reset(annsLink), await accept(annsInvitation)]).toEqual(['done', 'bad-link'])
  expect([await accept(bensInvitation), await reset(bensLink)]).toEqual(['done', 'bad-link'])
  expect(await api.invitations.list.query()).toEqual([])
})
