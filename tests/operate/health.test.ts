/** What an operator watches: readiness, figures, logs; and how the server ends, in good order and at a bug. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { offerSetup } from '@rejoin/server/slices/accounts/setup.ts'
import { openApp } from '@rejoin/server/app.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { readiness } from '@rejoin/server/operations/health/readiness.ts'
import { listen } from '@rejoin/server/http/server.ts'
import { testConfig } from '../harness/config.ts'
import { CACHE } from '../harness/program/program.ts'
import { freePort, ServerProcess } from '../harness/server-process.ts'
import { startWorld } from '../harness/world.ts'

const OPERATIONS = resolve(import.meta.dirname, '../../docs/operations')
const DAY = 24 * 3_600_000

it('is ready, and says what it looked at', async () => {
  await using world = await startWorld()
  const response = await fetch(`${world.url}/readyz`)
  expect(response.status).toBe(200)
  const { ready, checks } = (await response.json()) as Awaited<ReturnType<typeof readiness>>
  expect(ready).toBe(true)
  expect(Object.keys(checks)).toEqual([
    'running',
    'database',
    'migrations',
    'disk',
    'sweep',
    'outbox',
    'jobs',
    'damage',
  ])
})

it('tells of a sweep and of mail that are late, and stays in service', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  await world.ticket()
  await api.invitations.create.mutate({ email: 'ned@example.org', role: 'requester' })
  world.clock.advance(DAY)
  const { ready, checks } = await readiness(world.app, false)
  expect(ready).toBe(true)
  expect(checks).toMatchObject({
    sweep: { ok: false, isNeeded: false, says: expect.stringMatching(/^The SLA sweep is \d+ s behind\.$/) },
    outbox: { ok: false, isNeeded: false, says: 'A message has been overdue for 86400 s.' },
  })
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  expect(metrics).toMatch(/^rejoin_outbox_lag_seconds 86400$/m)
  expect(metrics).toMatch(/^rejoin_outbox_waiting 1$/m)
  expect(metrics).toMatch(/^rejoin_disk_free_bytes \d+$/m)
  expect(metrics).not.toMatch(/^rejoin_backup_age_seconds \d/m)
})

it('tells of recurring work that has not run to its end for long, and stays in service', async () => {
  await using world = await startWorld()
  const work = { isBroken: false, hangs: false }
  world.app.jobs.add('tidy', '*/30 * * * * *', async (signal) => {
    if (work.isBroken) throw new Error('It is broken.')
    if (work.hangs) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  })
  const jobs = async () => (await readiness(world.app, false)).checks['jobs']
  const figure = async (name: string) =>
    new RegExp(`^${name}\\{task="tidy"\\} (\\d+)$`, 'm').exec(await (await fetch(`${world.url}/metrics`)).text())?.[1]
  for (let run = 0; run < 4; run += 1) await world.advance(30_000)
  const lastRunAt = world.clock.now()
  expect(await jobs()).toMatchObject({ ok: true })
  work.isBroken = true
  for (let run = 0; run < 14; run += 1) await world.advance(30_000)
  expect(await jobs()).toEqual({ ok: false, isNeeded: false, says: 'tidy has been overdue for 390 s.' })
  expect(await figure('rejoin_job_overdue_seconds')).toBe('390')
  expect(await figure('rejoin_job_last_run_timestamp_seconds')).toBe(String(lastRunAt / 1000))
  work.isBroken = false
  await world.advance(30_000)
  expect(await jobs()).toMatchObject({ ok: true })
  expect(await figure('rejoin_job_overdue_seconds')).toBe('0')
  work.hangs = true
  for (let run = 0; run < 14; run += 1) {
    world.clock.advance(30_000)
    void world.app.jobs.runDue()
  }
  expect(await jobs()).toMatchObject({ ok: false, says: expect.stringContaining('tidy has been overdue for') })
})

it('is not ready while it stops', async () => {
  await using world = await startWorld()
  expect(await readiness(world.app, true)).toMatchObject({ ready: false, checks: { running: { ok: false } } })
})

it('labels no figure as Prometheus does itself, and counts what alerts want the increase of from the start', async () => {
  await using world = await startWorld()
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  expect(metrics.match(/[{,](job|instance)="/g)).toBeNull()
  const alerts = readFileSync(join(OPERATIONS, 'alerts.yml'), 'utf8')
  expect(alerts.match(/\b(by|without|on) \((job|instance)\)/g)).toBeNull()
  const increasing = [...alerts.matchAll(/increase\((\w+)(?:\{[^}]*\})?\[/g)].map(([, name = '']) => name)
  expect(increasing.length).toBeGreaterThan(3)
  for (const name of increasing) expect(metrics).toMatch(new RegExp(`^${name}(\\{.*\\})? 0$`, 'm'))
  // Each task is there, so that the first failure of what runs once a day is an increase.
  for (const { name } of world.app.jobs.states())
    expect(metrics).toContain(`rejoin_job_failures_total{task="${name}"} 0`)
})

it('gives each request an id, in the answer and in the log, and logs no query of an address', async () => {
  const lines: string[] = []
  await using world = await startWorld({ log: createLog('debug', { write: (line) => void lines.push(line) }) })
  const own = await fetch(`${world.url}/trpc/accounts.me?token=hunter2hunter2`, {
    headers: { 'x-request-id': 'from-the-proxy' },
  })
  expect(own.headers.get('x-request-id')).toBe('from-the-proxy')
  const made = (await fetch(`${world.url}/healthz`)).headers.get('x-request-id') ?? ''
  expect(made).toMatch(/^[\w-]{20,}$/)
  const text = lines.join('')
  expect(text).toContain('"requestId":"from-the-proxy","method":"GET","path":"/trpc/accounts.me","status":401')
  expect(text).toContain(made)
  expect(text).not.toContain('hunter2hunter2')
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  expect(metrics).toContain('rejoin_http_requests_total{route="trpc",status="401"} 1')
})

it('logs slow queries by their text, without a value of anybody', async () => {
  const lines: string[] = []
  const log = createLog('warn', { write: (line) => void lines.push(line) })
  await using world = await startWorld({ log, settings: { slowQueryMs: 0 } })
  await world.ticket({ title: 'A title that is nobody’s business' })
  const slow = lines.filter((line) => line.includes('slow query'))
  expect(slow.some((line) => line.includes('insert into \\"ticket\\"'))).toBe(true)
  expect(slow.join('')).not.toContain('nobody’s business')
})

it('answers what is under way before it stops, and says good-bye to devices', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  const app = await openApp(testConfig(dataDir))
  const listening = await listen(app)
  try {
    const token = await offerSetup(app)
    const account = { token, name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }
    const { output } = await connectApi(listening.url).accounts.setUp.mutate({ ...account, token: token ?? '' })
    const protocols = ['rejoin.v1', `bearer.${output.token}`]
    const socket = new WebSocket(`${listening.url.replace('http', 'ws')}/sync`, protocols)
    await once(socket, 'open')
    const gone = once(socket, 'close')

    const body = JSON.stringify({ email: account.email, password: account.password })
    const headers = { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' }
    const underWay = request(`${listening.url}/trpc/accounts.logIn`, { method: 'POST', headers })
    underWay.flushHeaders()
    await once(underWay, 'continue')
    const closed = listening.close(5000)
    underWay.end(body)
    const [answer] = (await once(underWay, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(200)
    answer.resume()
    expect((await gone)[0]).toBe(1001)
    await closed
    await expect(fetch(`${listening.url}/healthz`)).rejects.toThrow('fetch failed')
  } finally {
    await app.close()
    rmSync(dataDir, { recursive: true })
  }
})

it('leaves a report when it meets a bug that nobody caught, and ends with 70', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  const bug = `process.on('SIGUSR2', () => setImmediate(() => Promise.reject(new Error('a bug', { cause: 'mine' }))))`
  try {
    const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(bug)}`]
    await using server = new ServerProcess({ dataDir, port: await freePort(), cacheDir: CACHE, nodeOptions })
    await server.listen()
    server.collectGarbage()
    expect(await server.ended()).toBe(70)
    const [name = ''] = readdirSync(dataDir).filter((each) => each.startsWith('crash-'))
    const file = join(dataDir, name)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      origin: 'unhandledRejection',
      error: { message: 'a bug', cause: { message: 'mine' }, stack: expect.stringContaining('Error: a bug') },
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(join(dataDir, 'rejoin.db'))).toBe(true)
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
