/** Mail that cannot be delivered: letters that are tried again, letters set aside, and the administrator's remedies. */
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { codeOf } from '../harness/refused.ts'
import { startMailServer } from '../harness/mail-server.ts'
import { startWorld, type World } from '../harness/world.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND

async function welcome(world: World, ...names: string[]) {
  const { api } = await world.desk()
  for (const name of names) {
    const account = { email: `${name}@example.org`, password: 'correct horse battery' }
    await api.accounts.createUser.mutate({ name, role: 'requester', ...account })
  }
  return api
}

it.each([
  { what: 'the recipient', step: 'recipient', code: 450 },
  { what: 'the content', step: 'content', code: 452 },
  { what: 'us for now', step: 'sender', code: 421 },
  { what: 'us for good, which may be mended', step: 'sender', code: 553 },
] as const)('tries again, under the same Message-ID, after the server has refused $what', async ({ step, code }) => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  const api = await welcome(world, 'bob')
  const { id } = await world.app.read.selectFrom('outbox').select('id').executeTakeFirstOrThrow()
  post.refuse(step, code)
  for (let times = 0; times < 5; times += 1) await world.advance(HOUR)
  expect(await api.mail.waiting.query()).toMatchObject([{ attempts: 5, lastError: expect.any(String) as string }])
  expect(await api.mail.failed.query()).toEqual([])
  expect(post.received).toEqual([])
  post.relent()
  await world.advance(HOUR)
  await world.advance(HOUR)
  expect(post.received.map(({ email }) => email.messageId)).toEqual([`<${id}@example.com>`])
})

it('tries again after the server has refused our password', async () => {
  await using post = await startMailServer({ account: { user: 'rejoin', password: 'right' } })
  const smtpUrl = post.url.replace('right', 'wrong')
  await using world = await startWorld({ settings: { mail: { ...post.settings.mail, smtpUrl } } })
  const api = await welcome(world, 'bob')
  await world.advance(HOUR)
  expect(await api.mail.waiting.query()).toMatchObject([{ attempts: 1 }])
  expect(post.received).toEqual([])
  await world.restart(post.settings)
  await world.advance(HOUR)
  expect(post.received).toHaveLength(1)
})

it('sends an invitation that waited longer than its link with a link that works, drops a revoked one, and sets an expired reset link aside', async () => {
  await using post = await startMailServer()
  await using world = await startWorld()
  const { api } = await world.desk()
  await api.accounts.importPeople.mutate({
    csv: 'name,email,role\nZoe,zoe@example.com,agent\nRon,ron@example.com,agent',
  })
  for (const { id, email } of await api.invitations.list.query()) {
    if (email === 'ron@example.com') await api.invitations.revoke.mutate({ invitationId: id })
  }
  await world.advance(8 * 24 * HOUR)
  post.refuse('sender', 421)
  await world.restart(post.settings)
  const nobody = connectApi(world.url)
  await nobody.accounts.requestPasswordReset.mutate({
    email: (await (await world.desk()).api.accounts.me.query()).email,
  })
  for (let times = 0; times < 12; times += 1) await world.advance(5 * SECOND)
  await world.advance(2 * HOUR)
  post.relent()
  for (let times = 0; times < 5; times += 1) await world.advance(2 * HOUR)
  expect(post.received.map(({ to }) => to)).toEqual([['zoe@example.com']])
  const letter = post.received[0]?.email.text ?? ''
  expect(Date.parse(`${/until (\S+ \S+) UTC/.exec(letter)?.[1]}Z`) - world.app.now()).toBeGreaterThan(6 * 24 * HOUR)
  const joining = { token: /#(\S+)/.exec(letter)?.[1] ?? '', name: 'Zoe', password: 'correct horse battery' }
  expect(await codeOf(connectApi(world.url).invitations.accept.mutate(joining))).toBe('done')
  const failed = await (await world.desk()).api.mail.failed.query()
  expect(failed.map(({ letter: name, lastError }) => [name, lastError?.replace(/at \S+,/, 'at …,')])).toEqual([
    [
      'reset',
      'The link in this email ended at …, before the email could be sent. Discard the email; the person can ask for a new link.',
    ],
  ])
})

it('tries again after the server could not be reached', async () => {
  const gone = await startMailServer()
  await gone[Symbol.asyncDispose]()
  await using world = await startWorld({ settings: gone.settings })
  const api = await welcome(world, 'bob')
  await world.advance(HOUR)
  expect(await api.mail.waiting.query()).toMatchObject([{ attempts: 1 }])
  expect(await api.mail.failed.query()).toEqual([])
})

it.each(['recipient', 'content'] as const)(
  'sets aside a letter whose %s is refused for good, and lets it hold up no other one',
  async (step) => {
    await using post = await startMailServer()
    await using world = await startWorld({ settings: post.settings })
    const api = await welcome(world, 'bob')
    post.refuse(step, 550, 'No such user here')
    await world.advance(5 * SECOND)
    post.relent()
    await welcome(world, 'sue')
    for (let times = 0; times < 5; times += 1) await world.advance(HOUR)
    expect(post.received.flatMap(({ to }) => to)).toEqual(['sue@example.org'])
    const bob = { to: 'bob@example.org', letter: 'welcome', setAside: 'rejected', attempts: 1 }
    expect(await api.mail.failed.query()).toMatchObject([
      { ...bob, lastError: expect.stringContaining('No such user') as string },
    ])
    expect(await api.mail.waiting.query()).toEqual([])
  },
)

it('sets aside a letter that has failed too often', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  const api = await welcome(world, 'bob')
  post.refuse('recipient', 450)
  for (let times = 0; times < 30; times += 1) await world.advance(6 * HOUR)
  expect(await api.mail.failed.query()).toMatchObject([{ setAside: 'exhausted', attempts: 20 }])
})

it('does not send again what the server may have taken, until an administrator says so', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  const api = await welcome(world, 'bob')
  post.fallSilent()
  const arrived = post.arrival()
  const attempt = world.advance(5 * SECOND)
  await arrived
  post.hangUp()
  await attempt
  post.relent()
  for (let times = 0; times < 5; times += 1) await world.advance(HOUR)
  expect(post.received).toHaveLength(1)
  const failed = await api.mail.failed.query()
  expect(failed).toMatchObject([{ to: 'bob@example.org', setAside: 'unknown', attempts: 1 }])

  const retried = await api.mail.retry.mutate({ mailIds: failed.map(({ id }) => id) })
  expect(retried.output).toEqual({ retried: 1 })
  await world.advance(5 * SECOND)
  expect(await api.mail.failed.query()).toEqual([])
  expect(post.received).toHaveLength(2)
  expect(new Set(post.received.map(({ email }) => email.messageId)).size).toBe(1)
})

it('forgets a letter that an administrator discards, and records that', async () => {
  await using post = await startMailServer()
  await using world = await startWorld({ settings: post.settings })
  const api = await welcome(world, 'bob', 'sue')
  post.refuse('recipient', 550)
  await world.advance(5 * SECOND)
  const [bob] = await api.mail.failed.query()
  const mailIds = [bob?.id ?? '']
  expect((await api.mail.discard.mutate({ mailIds })).output).toEqual({ discarded: 1 })
  expect((await api.mail.discard.mutate({ mailIds })).output).toEqual({ discarded: 0 })
  expect((await api.mail.retry.mutate({ mailIds })).output).toEqual({ retried: 0 })
  expect(await api.mail.failed.query()).toMatchObject([{ to: 'sue@example.org' }])
  const events = world.app.read.selectFrom('event').select(['type', 'subjectId', 'payload'])
  const [event] = await events.where('subject', '=', 'mail').execute()
  expect(event).toMatchObject({ type: 'mail-discarded', subjectId: bob?.id })
  expect(JSON.parse(event?.payload ?? '')).toEqual({ to: 'bob@example.org', letter: 'welcome', setAside: 'rejected' })
})

it('lets nobody retry or discard what still waits', async () => {
  await using world = await startWorld()
  const api = await welcome(world, 'bob')
  const mailIds = (await api.mail.waiting.query()).map(({ id }) => id)
  expect((await api.mail.retry.mutate({ mailIds })).output).toEqual({ retried: 0 })
  expect((await api.mail.discard.mutate({ mailIds })).output).toEqual({ discarded: 0 })
  expect(await api.mail.waiting.query()).toHaveLength(1)
})
