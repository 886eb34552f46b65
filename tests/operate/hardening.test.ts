/** The server towards the network and towards other users of its machine. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openApp } from '@rejoin/server/app.ts'
import { readConfig } from '@rejoin/server/operations/config/config.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { listen } from '@rejoin/server/http/server.ts'
import { CACHE } from '../harness/program/program.ts'
import { freePort, ServerProcess } from '../harness/server-process.ts'
import { startWorld } from '../harness/world.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const OPENSSL = '/usr/bin/openssl'

/** A certificate that nobody else has signed. */
function certify(name: string): { certFile: string; keyFile: string } {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  execFileSync(OPENSSL, ['req', '-x509', ...key, '-out', certFile, '-days', '2', '-subj', `/CN=${name}`], {
    stdio: 'ignore',
  })
  return { certFile, keyFile }
}

/** Whom the server's certificate names. */
function nameAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(`${url}/healthz`, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume()
      resolve(String((answer.socket as TLSSocket).getPeerCertificate().subject['CN']))
    })
    asked.on('error', reject)
  })
}

/** By which protocol and cipher a client and the server come together, or `none`. */
function agreedAt(url: string, offer: ConnectionOptions): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ...offer })
    socket.once('secureConnect', () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`)
      socket.destroy()
    })
    socket.once('error', () => resolve('none'))
  })
}

async function expectSoundTls(url: string): Promise<void> {
  const tls12 = (ciphers: string) => agreedAt(url, { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` })
  expect(await agreedAt(url, {})).toMatch(/^TLSv1\.3 /)
  expect(await tls12('ECDHE-ECDSA-AES128-GCM-SHA256')).toBe('TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256')
  expect(await tls12('ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA')).toBe('none')
  expect(await tls12('AES128-GCM-SHA256:AES128-SHA')).toBe('none')
  const tls11 = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
  expect(await agreedAt(url, tls11)).toBe('none')
}

it.each(['/healthz', '/trpc/accounts.me', '/nowhere', '/join'])('tells browsers at %s what to refuse', async (path) => {
  await using world = await startWorld()
  const { headers } = await fetch(world.url + path)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(headers.get('permissions-policy')).toMatch(/camera=\(\).*geolocation=\(\).*microphone=\(\)/)
  expect(headers.get('cache-control')).toMatch(/^no-store$|^no-cache$/)
  expect(headers.get('strict-transport-security')).toBeNull()
  expect(headers.get('x-powered-by')).toBeNull()
})

it('binds browsers to TLS where people reach it by that', async () => {
  await using world = await startWorld({ settings: { publicUrl: 'https://help.example.com' } })
  const { headers } = await fetch(`${world.url}/healthz`)
  expect(headers.get('strict-transport-security')).toBe('max-age=15552000')
})

it('lets pages of the sites that are named call the API, by a token, and no others', async () => {
  await using world = await startWorld({ settings: { corsOrigins: ['https://desk.example.com'] } })
  const asked = (origin: string) =>
    fetch(`${world.url}/trpc/accounts.logIn`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })
  const named = await asked('https://desk.example.com')
  expect(named.headers.get('access-control-allow-origin')).toBe('https://desk.example.com')
  expect(named.headers.get('access-control-allow-credentials')).toBeNull()
  expect((await asked('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull()
  await world.restart({ corsOrigins: [] })
  expect((await asked('https://desk.example.com')).headers.get('access-control-allow-origin')).toBeNull()
})

it.each([
  { REJOIN_CORS_ORIGINS: 'https://desk.example.com/' },
  { REJOIN_CORS_ORIGINS: '*' },
  { REJOIN_TLS_CERT_FILE: '/etc/cert.pem' },
  { REJOIN_BACKUP_RECIPIENT: 'AGE-SECRET-KEY-1ABC' },
])('refuses %o', (settings) => {
  expect(() => readConfig(settings)).toThrow(Object.keys(settings)[0])
})

it('speaks TLS with the certificate in its files, and takes a renewed one without a restart', async ({ skip }) => {
  skip(!existsSync(OPENSSL), `there is no ${OPENSSL} to make a certificate with`)
  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  await using world = await startWorld({ log })
  const tls = certify('first')
  const app = await openApp(
    { ...world.app.config, dataDir: join(folder, 'data'), tls, port: 0 },
    { log, now: world.clock.now },
  )
  const listening = await listen(app)
  try {
    expect(listening.url).toMatch(/^https:/)
    expect(await nameAt(listening.url)).toBe('first')
    await expectSoundTls(listening.url)
    certify('second')
    utimesSync(tls.certFile, new Date(2030, 1, 1), new Date(2030, 1, 1))
    world.clock.advance(60_000)
    await app.jobs.runDue()
    expect(await nameAt(listening.url)).toBe('second')
    await expectSoundTls(listening.url)
    rmSync(tls.keyFile)
    world.clock.advance(60_000)
    await app.jobs.runDue()
    expect(await nameAt(listening.url)).toBe('second')
    expect(lines.join('')).toContain('cannot be used')
  } finally {
    await listening.close()
    await app.close()
  }
})

it('makes a data directory and files that only its user can open', async () => {
  const dataDir = join(folder, 'data')
  const place = { dataDir, port: await freePort(), cacheDir: CACHE, cwd: folder }
  await using server = new ServerProcess(place)
  await server.listen()
  const modes = [dataDir, ...readdirSync(dataDir).map((name) => join(dataDir, name))].map(
    (path) => statSync(path).mode & 0o077,
  )
  expect(modes.length).toBeGreaterThan(3)
  expect(new Set(modes)).toEqual(new Set([0]))
})
