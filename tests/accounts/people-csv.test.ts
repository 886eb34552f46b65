/** People in and out as CSV by the API, while the server runs. */
import { expect, it } from 'vitest'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const csv = (...lines: readonly string[]) => `${lines.join('\r\n')}\r\n`

it('takes people in, says of each line what became of it, and changes nothing the second time', async () => {
  await using world = await startWorld()
  const { api, id } = await world.desk()
  await world.department('support')
  const file = csv(
    'Name,Email,Role,departments',
    'Rita,rita@example.com,requester,',
    'Ada,not an address,agent,',
    '"Zoë, Dr.",zoe@example.com,supervisor,support',
    'Eve,eve@example.com,agent,Nowhere',
    'Rita again,RITA@example.com,admin,',
    'Otto,otto@example.com,requester,',
  )
  const { output } = await api.accounts.importPeople.mutate({ csv: file })
  expect(output.lines).toEqual([
    { line: 2, outcome: 'added' },
    { line: 3, outcome: 'left-out', message: expect.stringMatching(/^email: /) as string },
    { line: 4, outcome: 'added' },
    { line: 5, outcome: 'left-out', message: 'departments: there is no department Nowhere.' },
    { line: 6, outcome: 'there' },
    { line: 7, outcome: 'added' },
  ])
  const people = async () =>
    (await api.accounts.people.query()).map(({ number, name, role }) => [number, name, role].join(' '))
  expect(await people()).toEqual([
    'CUS-0002 Otto requester',
    'CUS-0001 Rita requester',
    'TEC-0002 Zoë, Dr. supervisor',
    'TEC-0001 office admin',
  ])
  const again = await api.accounts.importPeople.mutate({ csv: file })
  expect(again.output.lines.map(({ outcome }) => outcome)).toEqual([
    'there',
    'left-out',
    'there',
    'left-out',
    'there',
    'there',
  ])
  expect(await people()).toHaveLength(4)
  const { entries } = await api.audit.list.query({ type: 'people-imported' })
  expect(entries).toMatchObject([
    { actorId: id, payload: { added: 0, there: 4, leftOut: 2 } },
    { actorId: id, address: '127.0.0.1', payload: { added: 3, there: 1, leftOut: 2 } },
  ])
})

it('writes everybody down for an administrator, who is on record for it, and reads it back', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  await world.department('support')
  await desk.api.accounts.importPeople.mutate({
    csv: csv('name,email,role,departments,organisation', '=1+1,ada@example.com,agent,support, =Acme '),
  })
  const { output } = await desk.api.accounts.exportPeople.mutate()
  expect(output).toContain("TEC-0002,'=1+1,ada@example.com,agent,support,active,,,,'=Acme,\n")
  const { entries } = await desk.api.audit.list.query({ type: 'people-exported' })
  expect(entries).toMatchObject([{ actorId: desk.id, address: '127.0.0.1', payload: { people: 2 } }])

  await using other = await startWorld()
  await other.department('support')
  const { api } = await other.desk()
  await api.accounts.importPeople.mutate({ csv: output })
  expect((await api.accounts.exportPeople.mutate()).output).toBe(output)
  expect(await api.accounts.people.query({ role: 'agent' })).toMatchObject([{ name: '=1+1', organisation: '=Acme' }])
})

it('names the organisation that is none, and leaves the organisation of whoever is there already as it is', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const head = 'name,email,role,organisation'
  const rita = (organisation: string) => `Rita,rita@example.com,requester,${organisation}`
  const first = csv(head, rita('Acme'), `Otto,otto@example.com,requester,${'x'.repeat(201)}`)
  expect((await api.accounts.importPeople.mutate({ csv: first })).output.lines).toEqual([
    { line: 2, outcome: 'added' },
    { line: 3, outcome: 'left-out', message: expect.stringMatching(/^organisation: /) as string },
  ])
  await api.accounts.importPeople.mutate({ csv: csv(head, rita('Umbrella')) })
  expect(await api.accounts.people.query({ role: 'requester' })).toMatchObject([{ name: 'Rita', organisation: 'Acme' }])
})

it('takes every row for itself, whatever line ends the file has, also several; in quotes they end none', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const [head, ann, bob, odd] = [
    'name,email,role,organisation',
    'Ann,a@example.com,agent,',
    'Bob,b@example.com,agent,Acme',
    '"A\r\nB\nC\rD",c@example.com,agent,Acme',
  ]
  const ends = ['\r\n', '\n', '\r']
  const files = ends.flatMap((first) => ends.map((end) => [head, first, ann, end, bob, end, odd].join('')))
  const told = ends.map((end) => `sep=;\r\n${[head, ann, bob, odd].join(end).replaceAll(',', ';')}`)
  for (const [index, file] of [...files, ...told, `${head}\n\r\n${ann}\r${bob}\r\n${odd}\n`].entries()) {
    const domain = `d${index}.example.com`
    const { lines } = (await api.accounts.importPeople.mutate({ csv: file.replaceAll('example.com', domain) })).output
    expect([index, lines]).toMatchObject([
      index,
      [{ outcome: 'added' }, { outcome: 'added' }, { outcome: 'left-out', message: expect.stringMatching(/^name: /) }],
    ])
    const people = await api.accounts.people.query({ role: 'agent' })
    const added = people.filter(({ email }) => email.endsWith(domain))
    expect(added).toMatchObject([
      { name: 'Ann', organisation: null },
      { name: 'Bob', organisation: 'Acme' },
    ])
  }
})

it.each([
  [
    'a row with a cell too many',
    csv('name,email,role', 'Ann,a@example.com,agent', 'Bob,b@example.com,agent,Ann'),
    'csv: the row that ends on line 3 has 4 cells, but the header has 3. Nothing was imported.',
  ],
  [
    'a column that is there twice',
    csv('name,email,role,Name ', 'Ann,a@example.com,agent,Bob'),
    'csv: the header has the column name more than once.',
  ],
])('refuses %s, and says where', async (_what, text, message) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await expect(api.accounts.importPeople.mutate({ csv: text })).rejects.toMatchObject({ message })
  expect(await api.accounts.people.query()).toHaveLength(1)
})

it.each([
  ['nothing', '', 'invalid'],
  ['a file without addresses', csv('name,role', 'Ada,agent'), 'invalid'],
  ['an open quote', csv('name,email,role', '"Ada,ada@example.com,agent'), 'invalid'],
  ['more than is taken at once', csv('name,email,role', ...Array<string>(501).fill('x,x,x')), 'too-large'],
])('takes nothing from %s', async (_what, text, code) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  expect(await codeOf(api.accounts.importPeople.mutate({ csv: text }))).toBe(code)
  expect(await api.accounts.people.query()).toHaveLength(1)
  expect((await api.audit.list.query({ type: 'people-imported' })).entries).toEqual([])
})

it('gives the custom role that a row names and nothing else, and finds departments, however they are written', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await api.departments.create.mutate({ name: 'Équipe' })
  await api.accounts.roles.create.mutate({ name: 'Éleveur', base: 'agent', grants: { 'ticket.assign': [] } })
  expect(await codeOf(api.accounts.roles.create.mutate({ name: 'éleveur', base: 'agent', grants: {} }))).toBe(
    'conflict',
  )
  const file = csv(
    'name,email,role,custom role,departments',
    'Ann,a@example.com,agent,e\u0301LEVEUR,e\u0301quipe',
    'Bob,b@example.com,agent,Stranger,',
    'Cleo,c@example.com,admin,Éleveur,',
    'Dan,d@example.com,agent,,ÉQUIPE',
  )
  expect((await api.accounts.importPeople.mutate({ csv: file })).output.lines).toEqual([
    { line: 2, outcome: 'added' },
    { line: 3, outcome: 'left-out', message: 'custom role: there is no custom role Stranger.' },
    { line: 4, outcome: 'left-out', message: 'role: the custom role Éleveur is based on agent, not on admin.' },
    { line: 5, outcome: 'added' },
  ])
  const [department] = await api.departments.list.query()
  const people = await api.accounts.people.query({ departmentId: department?.id })
  expect(people.map(({ name, role, customRole }) => [name, role, customRole])).toEqual([
    ['Ann', 'agent', 'Éleveur'],
    ['Dan', 'agent', null],
  ])
})

it('takes a department that a row names twice once, and no row with more than fifty', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const departmentId = await world.department('support')
  const many = Array.from({ length: 51 }, (_, index) => `Department ${index}`).join(';')
  const file = csv(
    'name,email,role,departments',
    `Ada,ada@example.com,agent,"${'support;'.repeat(2000)}"`,
    `Bob,bob@example.com,agent,"${many}"`,
  )
  const { output } = await api.accounts.importPeople.mutate({ csv: file })
  expect(output.lines).toEqual([
    { line: 2, outcome: 'added' },
    { line: 3, outcome: 'left-out', message: 'departments: has more than 50 departments' },
  ])
  const memberships = world.app.read.selectFrom('membership').select('departmentId')
  expect(await memberships.execute()).toEqual([{ departmentId }])
})

it('makes nobody more than whoever imports them', async () => {
  await using world = await startWorld()
  const { roles, setRole, people } = (await world.desk()).api.accounts
  const eve = await world.person('eve', 'admin')
  const { output } = await roles.create.mutate({ name: 'Registrar', base: 'admin', grants: { 'audit.read': [] } })
  await setRole.mutate({ userId: eve.id, customRoleId: output.customRoleId })
  const file = csv(
    'name,email,role,custom role',
    'Friend,friend@example.com,admin,',
    'Ada,ada@example.com,agent,',
    'Wim,wim@example.com,admin,registrar',
  )
  const imported = await eve.api.accounts.importPeople.mutate({ csv: file })
  expect(imported.output.lines.map(({ outcome }) => outcome)).toEqual(['left-out', 'added', 'added'])
  expect(await people.query({ role: 'admin' })).toMatchObject([
    { name: 'Wim', customRole: 'Registrar' },
    { name: 'eve' },
    { name: 'office' },
  ])
})
