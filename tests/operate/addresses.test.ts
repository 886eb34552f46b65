/** The addresses that the server prints can be opened, at every address it may listen on. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readConfig } from '@rejoin/server/operations/config/config.ts'
import { originsOf } from '@rejoin/server/core/runtime/addresses.ts'
import { ENVIRONMENT, MAIN } from '../harness/program/program.ts'
import { startMailedWorld } from '../harness/mailed-world.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld } from '../harness/world.ts'

const INTERFACES = [
  { address: '127.0.0.1', family: 'IPv4', internal: true },
  { address: '192.0.2.7', family: 'IPv4', internal: false },
  { address: '2001:db8::7', family: 'IPv6', internal: false, scopeid: 0 },
  { address: 'fe80::1', family: 'IPv6', internal: false, scopeid: 2 },
]

it.each([
  { host: '127.0.0.1', urls: ['http://127.0.0.1:4700'] },
  { host: 'desk.example.com', urls: ['http://desk.example.com:4700'] },
  { host: '2001:db8::9', urls: ['http://[2001:db8::9]:4700'] },
  { host: '0.0.0.0', urls: ['http://localhost:4700', 'http://192.0.2.7:4700'] },
  { host: '0', urls: ['http://localhost:4700', 'http://192.0.2.7:4700'] },
  { host: '::', urls: ['http://localhost:4700', 'http://192.0.2.7:4700', 'http://[2001:db8::7]:4700'] },
  { host: '0:0:0:0:0:0:0:0', urls: ['http://localhost:4700', 'http://192.0.2.7:4700', 'http://[2001:db8::7]:4700'] },
])('names $urls for REJOIN_HOST=$host', ({ host, urls }) => {
  expect(originsOf({ host, port: 4700, isTls: false }, INTERFACES)).toEqual(urls)
})

it.each(['0.0.0.0', '::'])('prints setup links that open where it listens on %s', async (host) => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-addresses-'))
  const env = { ...ENVIRONMENT, REJOIN_HOST: host, REJOIN_PORT: '0' }
  const server = spawn(process.execPath, ['--', MAIN, 'serve', '--data-dir', folder], { env, cwd: folder })
  const ended = once(server, 'close')
  try {
    let output = ''
    for await (const data of server.stdout) {
      output += String(data)
      if (output.includes('at least ten characters')) break
    }
    const links = [...output.matchAll(/^ {2}(http:\S+\/setup)#\S+$/gm)].map(([, link = '']) => link)
    expect(links[0]).toMatch(/^http:\/\/localhost:\d+\/setup$/)
    for (const link of links) expect((await fetch(link)).status).toBe(200)
    expect(output).not.toContain(host === '::' ? '[::]' : host)
  } finally {
    server.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true })
  }
})

it('asks for the address that people open where letters would have links that none can', () => {
  const mail = { REJOIN_SMTP_URL: 'smtp://127.0.0.1', REJOIN_MAIL_FROM: 'help@example.com' }
  expect(() => readConfig({ ...mail, REJOIN_HOST: '0.0.0.0' })).toThrow(
    /^REJOIN_PUBLIC_URL is required: REJOIN_HOST=0\.0/,
  )
  const publicUrl = 'https://help.example.com'
  expect(readConfig({ ...mail, REJOIN_HOST: '::', REJOIN_PUBLIC_URL: publicUrl }).publicUrl).toBe(publicUrl)
  expect(readConfig({ REJOIN_HOST: '0.0.0.0' }).publicUrl).toBe('http://localhost:4700')
})

it('says at once that a test letter would wait, where no mail server is set, and keeps none', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const asked = api.mail.sendTest.mutate()
  await expect(asked).rejects.toThrow('No mail server is configured, so the email would not be sent.')
  expect(await codeOf(asked)).toBe('conflict')
  expect(await api.mail.waiting.query()).toEqual([])

  await using office = await startMailedWorld()
  const desk = await office.world.desk()
  expect((await desk.api.mail.sendTest.mutate()).outcome).toBe('applied')
})
