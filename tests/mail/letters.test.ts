/** Letters as they arrive at a real mail server. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { giveEarlierName } from '../harness/earlier-name.ts'
import { startMailServer } from '../harness/mail-server.ts'
import { startWorld, type World } from '../harness/world.ts'

const MINUTE = 60_000

/** Adds somebody who can sign in, which sends them a letter. */
async function welcome(world: World, name: string, email = 'bob@example.org') {
  const { api } = await world.desk()
  await api.accounts.createUser.mutate({ name, email, role: 'requester', password: 'correct horse battery' })
}

it('sends a letter once, as text and as HTML, to one person', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  await welcome(world, 'Bob')
  expect(post.received).toEqual([])
  for (let minute = 0; minute < 10; minute += 1) await world.advance(MINUTE)
  expect(post.received).toMatchObject([{ from: 'help@example.com', to: ['bob@example.org'] }])
  const { email } = post.received[0] ?? {}
  expect(email).toMatchObject({
    subject: 'Welcome',
    from: { name: 'Rejoin', address: 'help@example.com' },
    to: [{ name: '', address: 'bob@example.org' }],
  })
  expect(email?.text).toContain('Hello Bob,')
  expect(email?.html).toContain('<p>Hello Bob,</p>')
})

it('has its link in both forms', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  const { api } = await world.desk()
  const { output } = await api.invitations.create.mutate({ email: 'bob@example.org', role: 'requester' })
  await world.advance(MINUTE)
  const { email } = post.received[0] ?? {}
  const link = `https://help.example.com/join#${output.token}`
  expect(email?.text).toContain(`Join:\n${link}\n`)
  expect(email?.html).toContain(`<a href="${link}">Join</a>`)
})

it('says that it is automatic, and names itself by its place in the outbox', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  await welcome(world, 'Bob')
  const row = await world.app.read.selectFrom('outbox').select('id').executeTakeFirstOrThrow()
  await world.advance(MINUTE)
  const { email } = post.received[0] ?? {}
  expect(email?.messageId).toBe(`<${row.id}@example.com>`)
  const headers = Object.fromEntries(email?.headers.map(({ key, value }) => [key, value]) ?? [])
  expect(headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' })
})

it.each([
  { what: 'markup', name: `<img src=x onerror="alert(1)"> & 'co'` },
  { what: 'a header', name: 'Bob\r\nBcc: eve@example.org\r\n\r\nHello' },
  { what: 'the end of a letter', name: 'Bob\r\n.\r\nMAIL FROM:<eve@example.org>' },
  { what: 'another script', name: 'Zoë 田中 🦊' },
])('shows a name with $what as it is, and takes it for nothing else', async ({ name }) => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  await welcome(world, 'Bob')
  await giveEarlierName(world, { email: 'bob@example.org', name })
  await connectApi(world.url).accounts.requestPasswordReset.mutate({ email: 'bob@example.org' })
  await world.advance(MINUTE)
  expect(post.received).toHaveLength(2)
  const { email, to } = post.received[1] ?? {}
  expect(to).toEqual(['bob@example.org'])
  expect(email?.bcc).toBeUndefined()
  expect(email?.text?.replaceAll('\n', ' ')).toContain(`Hello ${name.replaceAll(/\r?\n/g, ' ')},`)
  expect(email?.html).not.toContain('<img')
})

it('keeps nothing of a letter that has gone out', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  await welcome(world, 'Bob')
  await world.advance(MINUTE)
  const rows = await world.app.read.selectFrom('outbox').select(['payload', 'attempts', 'setAside']).execute()
  expect(rows).toEqual([{ payload: '{}', attempts: 1, setAside: null }])
})

it('signs in to the mail server where its address says so', async () => {
  await using post = await startMailServer({ account: { user: 'rejoin', password: 'pass word' } })
  await using world = await startWorld({ settings: post.settings })
  await welcome(world, 'Bob')
  await world.advance(MINUTE)
  expect(post.received).toHaveLength(1)
})

it('lets mail wait while there is no mail server, shows it, and sends it when there is one', async () => {
  await using post = await startMailServer()
  await using world = await startWorld()
  await welcome(world, 'Bob')
  await world.advance(24 * 60 * MINUTE)
  const { api } = await world.desk()
  const waiting = { to: 'bob@example.org', letter: 'welcome', attempts: 0, lastError: null }
  expect(await api.mail.waiting.query()).toMatchObject([waiting])
  expect(await api.mail.failed.query()).toEqual([])
  await world.restart(post.settings)
  await world.advance(MINUTE)
  expect(post.received).toHaveLength(1)
  expect(await api.mail.waiting.query()).toEqual([])
})
