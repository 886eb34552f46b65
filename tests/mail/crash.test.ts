/** A server that is killed between handing a letter over and hearing that it was taken. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { startMailServer } from '../harness/mail-server.ts'
import { freePort, ServerProcess } from '../harness/server-process.ts'
import { setUpOffice } from '../harness/staff.ts'

it('does not send a letter twice by itself after kill -9, and shows it to the administrator', async () => {
  await using post = await startMailServer()
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  const settings = { REJOIN_SMTP_URL: post.url, REJOIN_MAIL_FROM: post.settings.mail.from }
  const place = { dataDir, port: await freePort(), cacheDir: join(dataDir, 'cache'), settings }
  try {
    post.fallSilent()
    const arrived = post.arrival()
    await using first = new ServerProcess(place)
    await using second = new ServerProcess(place)
    await first.listen()
    const { hire, token } = await setUpOffice(first)
    await hire('bob', 'agent')
    await arrived
    await first.kill()
    post.relent()

    await second.listen()
    const api = connectApi(second.url, token)
    const failed = await api.mail.failed.query()
    expect(failed).toMatchObject([{ to: 'bob@example.com', letter: 'welcome', setAside: 'unknown', attempts: 1 }])
    const next = post.arrival()
    const sue = { name: 'sue', role: 'agent', email: 'sue@example.com', password: 'correct horse battery' } as const
    await api.accounts.createUser.mutate(sue)
    await next
    expect(post.received.flatMap(({ to }) => to)).toEqual(['bob@example.com', 'sue@example.com'])

    const again = post.arrival()
    await api.mail.retry.mutate({ mailIds: failed.map(({ id }) => id) })
    await again
    const [original, , repeat] = post.received.map(({ email }) => email.messageId)
    expect(repeat).toBe(original)
    expect(await second.stop()).toBe(0)
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
