/** A link for a new password of somebody else: from an administrator, and from the operator, while the server runs. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { askServer, openOperatorDoor } from '@rejoin/server/cli/operator-door.ts'
import { codeOf } from '../harness/refused.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld, type World } from '../harness/world.ts'

const OLD = 'correct horse battery'
const NEW = 'staple and a paper clip'

async function account({ url }: World, email: string, password: string): Promise<string> {
  return codeOf(connectApi(url).accounts.logIn.mutate({ email, password }))
}

it('is made by an administrator, for anybody active but themselves, works once, and is on record', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const ada = { name: 'Ada', email: 'ada@example.com', role: 'agent', password: OLD } as const
  const { userId } = (await desk.api.accounts.createUser.mutate(ada)).output
  const link = (email: string) => desk.api.accounts.createPasswordLink.mutate({ email })
  const { token } = (await link(' ADA@example.com')).output
  const { resetPassword } = connectApi(world.url).accounts
  expect(await codeOf(resetPassword.mutate({ token, password: NEW }))).toBe('done')
  expect(await codeOf(resetPassword.mutate({ token, password: NEW }))).toBe('bad-link')
  expect([await account(world, ada.email, OLD), await account(world, ada.email, NEW)]).toEqual([
    'wrong-credentials',
    'done',
  ])
  expect(await codeOf(link('nobody@example.com'))).toBe('not-found')
  expect(await codeOf(link('office@example.com')), 'a stolen session would make itself permanent').toBe('conflict')
  await desk.api.accounts.disable.mutate({ userId })
  expect(await codeOf(link(ada.email))).toBe('conflict')
  const { entries } = await desk.api.audit.list.query({ type: 'password-reset-handed-out' })
  expect(entries).toMatchObject([{ actorId: desk.id, subjectId: userId, address: '127.0.0.1' }])
  const kept = await Promise.all(
    (['passwordReset', 'outbox', 'event', 'audit', 'receipt'] as const).map((table) =>
      world.app.read.selectFrom(table).selectAll().execute(),
    ),
  )
  expect(JSON.stringify(kept)).not.toContain(token)
})

it('comes from the command line while the server runs on the folder, by the one write path of that server', async () => {
  await using world = await startWorld({ settings: { publicUrl: 'https://help.example.com', isPublicUrlSet: true } })
  const { api } = await world.desk()
  await api.accounts.createUser.mutate({ name: 'Ada', email: 'ada@example.com', role: 'agent', password: OLD })
  const closeDoor = await openOperatorDoor(world.app)
  try {
    expect(statSync(join(world.dataDir, 'rejoin.sock')).mode & 0o077, 'for the user of the server only').toBe(0)
    const run = await rejoin(['user', 'reset-password', 'ada@example.com', '--data-dir', world.dataDir])
    expect(run).toMatchObject({ code: 0, errors: '' })
    const [, token = ''] = /https:\/\/help\.example\.com\/reset-password#(\S+)\n/.exec(run.out) ?? []
    expect(await codeOf(connectApi(world.url).accounts.resetPassword.mutate({ token, password: NEW }))).toBe('done')
    expect(await account(world, 'ada@example.com', NEW)).toBe('done')

    const ask = (email: string, task = 'password-link') => askServer(world.dataDir, { task, email } as never)
    await expect(ask('eve@example.com')).rejects.toMatchObject({
      code: 'not-found',
      message: /No account has the address/,
    })
    await expect(ask('ada@example.com', 'drop-everything')).rejects.toMatchObject({ code: 'invalid' })
    await expect(ask('a'.repeat(5000))).rejects.toMatchObject({ code: 'too-large', message: /at most 4096/ })
    expect(await ask('ada@example.com', 'reset-second-step')).toContain('signs in with the password alone')
    await api.accounts.createUser.mutate({ name: 'New', email: 'new@example.com', role: 'agent' })
    expect(await ask('new@example.com', 'reset-second-step')).toMatch(
      /^new@example\.com has no password and no second step\. .*"rejoin user reset-password new@example\.com"\.\n$/,
    )
    const { entries } = await api.audit.list.query({ type: 'password-reset-handed-out' })
    expect(entries).toMatchObject([{ actorId: 'system' }])
  } finally {
    await closeDoor()
  }
  expect(
    await askServer(world.dataDir, { task: 'password-link', email: 'ada@example.com' }),
    'nobody is there',
  ).toBeNull()
}, 60_000)
