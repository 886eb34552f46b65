/** The configuration names its errors; the log keeps secrets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { offerSetup } from '@rejoin/server/slices/accounts/setup.ts'
import { ConfigError } from '@rejoin/server/core/input/setting.ts'
import { readConfig } from '@rejoin/server/operations/config/config.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { failLate } from '../harness/probes.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until } from '../harness/world.ts'

it('has a default for everything, and takes blank variables for absent', () => {
  const defaults = {
    dataDir: resolve('rejoin-data'),
    host: '127.0.0.1',
    port: 4700,
    logLevel: 'info',
    slaSweep: '*/30 * * * * *',
    horizonDays: 30,
    publicUrl: 'http://127.0.0.1:4700',
    mail: null,
    secretKey: null,
  }
  expect(readConfig({})).toMatchObject(defaults)
  expect(readConfig({ REJOIN_PORT: ' ', REJOIN_HOST: '', PATH: '/bin', HOME: undefined })).toMatchObject(defaults)
})

it('reads what is set', () => {
  const environment = {
    REJOIN_DATA_DIR: '/var/lib/rejoin',
    REJOIN_HOST: '::1',
    REJOIN_PORT: '0',
    REJOIN_LOG_LEVEL: 'debug',
    REJOIN_SLA_SWEEP: '*/15 * * * * *',
    REJOIN_HORIZON_DAYS: '45',
  }
  const config = {
    dataDir: '/var/lib/rejoin',
    host: '::1',
    port: 0,
    logLevel: 'debug',
    slaSweep: '*/15 * * * * *',
    horizonDays: 45,
  }
  expect(readConfig(environment)).toMatchObject(config)
})

it('reads where mail goes, and takes the secret from a file as well', () => {
  const smtpUrl = 'smtps://rejoin:secret@mail.example.com'
  const environment = { REJOIN_MAIL_FROM: 'Help <help@example.com>', REJOIN_PUBLIC_URL: 'https://help.example.com/' }
  const config = { mail: { smtpUrl, from: 'Help <help@example.com>' }, publicUrl: 'https://help.example.com' }
  expect(readConfig({ ...environment, REJOIN_SMTP_URL: smtpUrl })).toMatchObject(config)
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  try {
    const file = join(folder, 'smtp-url')
    writeFileSync(file, `${smtpUrl}\n`)
    expect(readConfig({ ...environment, REJOIN_SMTP_URL_FILE: file })).toMatchObject(config)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it.each([
  { name: 'REJOIN_PORT', value: 'http', problem: 'must be a whole number' },
  { name: 'REJOIN_PORT', value: '0x10', problem: 'must be a whole number' },
  { name: 'REJOIN_PORT', value: '1e3', problem: 'must be a whole number' },
  { name: 'REJOIN_PORT', value: '47.5', problem: 'must be a whole number' },
  { name: 'REJOIN_PORT', value: '-1', problem: 'must be a port' },
  { name: 'REJOIN_PORT', value: '65536', problem: 'must be a port' },
  { name: 'REJOIN_LOG_LEVEL', value: 'loud', problem: 'info' },
  { name: 'REJOIN_HORIZON_DAYS', value: '3', problem: 'at least 4' },
  { name: 'REJOIN_SLA_SWEEP', value: 'often', problem: 'is not a cron pattern' },
  { name: 'REJOIN_PUBLIC_URL', value: 'help.example.com', problem: 'is not a URL' },
  { name: 'REJOIN_SMTP_URL', value: 'mail.example.com', problem: 'is not an SMTP URL' },
  { name: 'REJOIN_SMTP_URL', value: 'smtp://mail.example.com', problem: 'needs REJOIN_MAIL_FROM' },
  { name: 'REJOIN_SMTP_URL', value: 'smtp://', problem: 'is not an SMTP URL' },
  { name: 'REJOIN_SMTP_URL', value: 'smtps://ada:100%@mail.example.com', problem: 'must be written as %25' },
  { name: 'REJOIN_SMTP_URL', value: 'smtp://ada:pass@mail.example.com?ignoreTLS=true', problem: 'over TLS only' },
  { name: 'REJOIN_SMTP_URL', value: 'smtp://ada:pass@mail.example.com?opportunisticTLS=1', problem: 'over TLS only' },
  { name: 'REJOIN_PUBLIC_URL', value: 'https:help.example.com', problem: 'is not a URL' },
  { name: 'REJOIN_PUBLIC_URL', value: 'https://ada:pass@help.example.com', problem: 'has a user' },
  { name: 'REJOIN_PUBLIC_URL', value: 'https://help.example.com/?a=b', problem: 'has a user' },
  { name: 'REJOIN_PUBLIC_URL', value: 'https://help.example.com/#top', problem: 'has a user' },
  { name: 'REJOIN_HOST', value: 'a b', problem: 'is not a host name or IP address' },
  { name: 'REJOIN_HOST', value: 'http://::', problem: 'is not a host name or IP address' },
  { name: 'REJOIN_HOST', value: '::1::', problem: 'is not a host name or IP address' },
  { name: 'REJOIN_HOST', value: 'fe80::1%eth0', problem: 'REJOIN_PUBLIC_URL is required' },
  { name: 'REJOIN_SMTP_URL_FILE', value: '/nowhere/smtp-url', problem: 'cannot be read' },
  { name: 'REJOIN_MAIL_FROM', value: 'help@example.com', problem: 'needs REJOIN_SMTP_URL' },
  { name: 'REJOIN_MAIL_FROM', value: 'Help', problem: 'is not an address' },
  { name: 'REJOIN_MAIL_FROM', value: 'Help\r\nBcc: eve <eve@example.com>', problem: 'is not an address' },
  { name: 'REJOIN_SECRET_KEY_FILE', value: '/nowhere/secret.key', problem: 'cannot be read' },
  { name: 'REJOIN_SECRET_KEY_FILE', value: '/dev/null', problem: 'does not hold a key' },
  { name: 'REJOIN_PROT', value: '1', problem: 'is not a setting' },
])('refuses $name=$value and says why', ({ name, value, problem }) => {
  const read = () => readConfig({ [name]: value })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(name)
  expect(read).toThrow(problem)
})

it.each([
  { host: '127.0.0.1', publicUrl: 'http://127.0.0.1:4700' },
  { host: '0.0.0.0', publicUrl: 'http://localhost:4700' },
  { host: '::', publicUrl: 'http://localhost:4700' },
  { host: '[::1]', publicUrl: 'http://[::1]:4700' },
  { host: '2001:db8::1', publicUrl: 'http://[2001:db8::1]:4700' },
  { host: 'desk-1.example.com', publicUrl: 'http://desk-1.example.com:4700' },
])('derives from REJOIN_HOST=$host an address that can be opened', ({ host, publicUrl }) => {
  expect(readConfig({ REJOIN_HOST: host }).publicUrl).toBe(publicUrl)
  expect(URL.canParse(publicUrl)).toBe(true)
  expect(readConfig({ REJOIN_HOST: host, REJOIN_PUBLIC_URL: 'https://help.example.com' }).publicUrl).toBe(
    'https://help.example.com',
  )
})

it('names everything that is wrong at once', () => {
  const read = () => readConfig({ REJOIN_PORT: 'x', REJOIN_LOG_LEVEL: 'y', REJOIN_PROT: 'z' })
  for (const name of ['REJOIN_PORT', 'REJOIN_LOG_LEVEL', 'REJOIN_PROT']) expect(read).toThrow(name)
})

it('cuts secrets out of what is logged', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  const secret = 'hunter2hunter2'
  log.info({ token: secret, user: { password: secret, passwordHash: secret }, id: 'kept' }, 'one')
  log.info({ req: { headers: { authorization: secret, cookie: secret } } }, 'two')
  expect(lines.join('')).not.toContain(secret)
  expect(lines.join('')).toContain('kept')
})

it('logs no token and no password, whatever goes wrong', async () => {
  const lines: string[] = []
  await using world = await startWorld({ log: createLog('trace', { write: (line) => void lines.push(line) }) })
  const password = 'correct horse battery'
  const wrong = 'wrong horse battery'
  const setupToken = (await offerSetup(world.app)) ?? ''
  const anonymous = connectApi(world.url)
  const user = { name: 'Ada', email: 'ada@example.com', password }
  const { output } = await anonymous.accounts.setUp.mutate({ ...user, token: setupToken })
  const { token } = output
  expect(await codeOf(anonymous.accounts.logIn.mutate({ email: user.email, password: wrong }))).toBe(
    'wrong-credentials',
  )
  const bad = { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: `{"password": "${password}"` }
  await fetch(`${world.url}/trpc/accounts.logIn`, bad)
  await fetch(`${world.url}/trpc/accounts.me?token=${token}`)
  await fetch(`${world.url}/sync`, { ...bad, headers: { ...bad.headers, 'content-type': 'application/json' } })
  const [ada] = await world.agents('ada2')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  const broken = { ticketId, commentId: v7(), body: password, by: 'bug' }
  await world.app.commits.commit(failLate, broken, { actorId: ada.person.id, id: v7() })
  await ada.api.accounts.logOut.mutate()
  await until(ada, () => ada.state === 'signed-out')

  const text = lines.join('')
  expect(text).toContain('a command failed')
  for (const secret of [password, wrong, setupToken, token, ada.person.token]) expect(text).not.toContain(secret)
})
