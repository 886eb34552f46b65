/** One rule for addresses and one for names, at every door that takes them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { readConfig } from '@rejoin/server/operations/config/config.ts'
import { startMailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld } from '../harness/world.ts'

const PASSWORD = 'correct horse battery'
const LONGEST = 'a'.repeat(64)

/** Addresses as people type them, and as they are kept. */
const TAKEN: readonly (readonly [typed: string, kept: string])[] = [
  ['ada@example.com', 'ada@example.com'],
  [' spaced@example.com\t', 'spaced@example.com'],
  ["o'neil+desk@example.co.uk", "o'neil+desk@example.co.uk"],
  ['r&d@example.com', 'r&d@example.com'],
  ['info/sales@example.com', 'info/sales@example.com'],
  ['Capital@EXAMPLE.com', 'Capital@example.com'],
  ['user@example.xn--p1ai', 'user@example.xn--p1ai'],
  ['info@bücher.example', 'info@xn--bcher-kva.example'],
  ['two@BU\u0308CHER.example', 'two@xn--bcher-kva.example'],
  ['user@例え。テスト', 'user@xn--r8jz45g.xn--zckzah'],
  ['user@straße.example', 'user@xn--strae-oqa.example'],
  [`${LONGEST}@example.com`, `${LONGEST}@example.com`],
]

const REFUSED = [
  '',
  'ada',
  '@example.com',
  'ada@',
  'user@a-.com',
  'user@-a.com',
  'user@exa_mple.com',
  'user@example',
  'user@example.com.',
  'user@example..com',
  'user@192.0.2.1',
  'user@[192.0.2.1]',
  'user@0x7f.1',
  `a${LONGEST}@example.com`,
  `user@${LONGEST}.com`,
  `${LONGEST}@${'a.'.repeat(95)}com`,
  '.ada@example.com',
  'ada..b@example.com',
  '"ada b"@example.com',
  'ada b@example.com',
  'a@b@example.com',
  'müller@example.com',
  'user@exam\u00ADple.com',
  'user@exam%70le.com',
  'user@example.com/x',
  'user@example.com\nbcc: eve@example.com',
]

const asCsv = (emails: readonly string[]) =>
  ['name,email,role', ...emails.map((email) => `X,"${email.replaceAll('"', '""')}",requester`)].join('\n')

it('takes the same addresses at every door, keeps each in one form, and knows it again', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const anonymous = connectApi(world.url)
  await api.accounts.setRegistration.mutate({ policy: 'open' })
  const { userId } = (
    await api.accounts.createUser.mutate({
      name: 'Bob',
      email: 'bob@example.com',
      role: 'requester',
      password: PASSWORD,
    })
  ).output
  const typed = [...TAKEN.map(([address]) => address), ...REFUSED]
  const { lines } = (await api.accounts.importPeople.mutate({ csv: asCsv(typed) })).output
  const people = await world.app.read
    .selectFrom('user')
    .select('email')
    .where('name', '=', 'X')
    .orderBy('number')
    .execute()
  expect(people.map(({ email }) => email)).toEqual(TAKEN.map(([, kept]) => kept))

  const answers: Record<string, unknown> = {}
  for (const [index, email] of typed.entries()) {
    const person = { name: 'X', email, role: 'requester' } as const
    answers[email] = {
      file: lines[index]?.outcome,
      again: await codeOf(api.accounts.createUser.mutate(person)),
      correct: await codeOf(api.accounts.correct.mutate({ userId, email })),
      invite: await codeOf(api.invitations.create.mutate({ email, role: 'requester' })),
      register: await codeOf(anonymous.accounts.register.mutate({ email })),
      reset: await codeOf(anonymous.accounts.requestPasswordReset.mutate({ email })),
    }
  }
  const known = {
    file: 'added',
    again: 'conflict',
    correct: 'conflict',
    invite: 'done',
    register: 'done',
    reset: 'done',
  }
  const bad = {
    file: 'left-out',
    again: 'invalid',
    correct: 'invalid',
    invite: 'invalid',
    register: 'invalid',
    reset: 'invalid',
  }
  expect(answers).toEqual(Object.fromEntries(typed.map((email, at) => [email, at < TAKEN.length ? known : bad])))
})

it('names the line of a file whose address it does not take, on the command line', async () => {
  await using world = await startWorld()
  const copy = await world.backup()
  writeFileSync(join(copy, 'people.csv'), asCsv(['info@bücher.example', 'user@a-.com', `a${LONGEST}@example.com`]))
  const run = await rejoin(['import', 'people', join(copy, 'people.csv'), '--data-dir', copy])
  expect(run).toMatchObject({ code: 1 })
  expect(run.out.split('\n')).toEqual([
    '3 rows: 1 added, 0 already there, 2 left out',
    'line 3: email: has no domain such as example.com after the @',
    'line 4: email: has 65 characters before the @, and mail servers take 64',
    expect.stringMatching(/^No mail server is configured .* "rejoin user reset-password <email>"\.$/),
    '',
  ])
}, 60_000)

it('lets somebody in by their address however it is typed, and waits for guesses at it as one', async () => {
  await using office = await startMailedWorld()
  const { api } = await office.world.desk()
  const email = 'ada@bücher.example'
  await api.accounts.createUser.mutate({ name: 'Ada', email, role: 'agent', password: PASSWORD })
  const forms = [` ${email} `, 'ADA@BÜCHER.example', 'ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example\n']
  for (const form of forms) await office.signIn(form, PASSWORD)
  for (const guess of [...forms, email])
    expect(await codeOf(office.signIn(guess, 'a wrong guess'))).toBe('wrong-credentials')
  expect(await codeOf(office.signIn(email, 'a wrong guess'))).not.toBe('done')
  const attempts = await office.world.app.read
    .selectFrom('attempt')
    .select('count')
    .where('kind', '=', 'sign-in')
    .execute()
  expect(Math.max(...attempts.map(({ count }) => count)), 'five forms of one address').toBeGreaterThanOrEqual(5)
  await office.deliver()
  expect(office.post.received[0]?.raw).toMatch(/^To: <?ada@xn--bcher-kva\.example>?\r?$/m)
})

it('lets register who has an address at a domain, whichever form of it the administrator wrote', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await api.accounts.setRegistration.mutate({ policy: 'domain', domains: [' Bücher.example '] })
  const { register } = connectApi(world.url).accounts
  expect(await codeOf(register.mutate({ email: 'ada@xn--bcher-kva.example' }))).toBe('done')
  expect(await codeOf(register.mutate({ email: 'ada@bücher.example' }))).toBe('done')
  expect(await codeOf(register.mutate({ email: 'ada@bucher.example' }))).toBe('forbidden')
  expect(await codeOf(api.accounts.setRegistration.mutate({ policy: 'domain', domains: ['a-.com'] }))).toBe('invalid')
})

it('has letters come from an address of the same rule', () => {
  const settings = { REJOIN_SMTP_URL: 'smtp://127.0.0.1', REJOIN_PUBLIC_URL: 'http://127.0.0.1:4700' }
  const from = (sender: string) => readConfig({ ...settings, REJOIN_MAIL_FROM: sender }).mail?.from
  expect(from('Help <help@bücher.example>')).toBe('Help <help@xn--bcher-kva.example>')
  expect(from('r&d@example.com')).toBe('r&d@example.com')
  expect(() => from('Help <help@a-.com>')).toThrow(/REJOIN_MAIL_FROM/)
  expect(() => from('Help help@example.com')).toThrow(/REJOIN_MAIL_FROM/)
})

const SEEN = [
  'Zoë',
  'محمد',
  'می\u200cخواهم',
  'ශ්\u200dරී',
  '葛\u{E0100}城',
  '👩\u200d💻 IT',
  '❤\uFE0F Care',
  "O'Neil; Jr.",
]
const HIDDEN = [
  'Ada\u202E',
  'A\u200Bda',
  'A\u200Dda',
  'A\u00ADda',
  'A\uFE0Fda',
  'A\u2066da',
  'A\u061Cda',
  'Ada\u3164',
  '\u2800Ada',
  'A\u034Fda',
  'A\uFEFFda',
  'A\nda',
  'A\u{E0041}da',
]

it('takes no name in which something is that nobody sees, and every name that people write', async () => {
  await using world = await startWorld()
  const { api, id } = await world.desk()
  const departmentId = await world.department('support')
  const calendar = { zone: 'UTC', weekly: { mon: [['09:00', '17:00']] } } as never
  const invited = async () => (await api.invitations.create.mutate({ email: 'ned@example.org', role: 'agent' })).output
  const doors = {
    'a person': (name: string, email: string) => api.accounts.createUser.mutate({ name, email, role: 'agent' }),
    'their own': (name: string) => api.accounts.editProfile.mutate({ name }),
    'a correction': (name: string) => api.accounts.correct.mutate({ userId: id, name }),
    'an organisation': (organisation: string) => api.accounts.setOrganisation.mutate({ userId: id, organisation }),
    'a department': (name: string) => api.departments.create.mutate({ name }),
    'a department anew': (name: string) => api.departments.rename.mutate({ departmentId, name: `${name} 2` }),
    'a role': (name: string) => api.accounts.roles.create.mutate({ name, base: 'agent', grants: {} }),
    'a calendar': (name: string) => api.sla.calendars.create.mutate({ name, value: calendar }),
    'a policy': (name: string) =>
      api.sla.policies.create.mutate({ value: { name, rules: [], targets: {}, calendarId: 'always' }, applyTo: 'new' }),
    'the workspace': (name: string) => api.workspace.edit.mutate({ name, zone: 'UTC' }),
    'who joins': async (name: string) => {
      const { token } = await invited()
      return connectApi(world.url).invitations.accept.mutate({ token, name: `${name} `, password: PASSWORD })
    },
  } satisfies Record<string, (name: string, email: string) => Promise<unknown>>
  const answers: Record<string, string[]> = {}
  for (const [door, call] of Object.entries(doors)) {
    const names = door === 'who joins' ? HIDDEN : [...HIDDEN, ...SEEN]
    answers[door] = []
    for (const [index, name] of names.entries()) {
      const code = await codeOf(call(name, `p${index}@example.com`))
      if ((code === 'invalid') !== HIDDEN.includes(name)) answers[door].push(`${JSON.stringify(name)}: ${code}`)
    }
  }
  expect(answers).toEqual(Object.fromEntries(Object.keys(doors).map((door) => [door, []])))
})
