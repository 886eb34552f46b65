/** Where standard output goes may be full, gone, or read by nobody: the server answers, and ends when it is told to. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { freePort } from '../harness/server-process.ts'
import { CACHE, ENVIRONMENT, MAIN } from '../harness/program/program.ts'

/** Longer lines fill what takes them sooner. */
const LONG = 'x'.repeat(8000)
const REQUESTS = 300

/** A server of a process of its own, which logs each request to `stdout`. */
async function startServer(stdout: 'pipe' | number) {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  const port = await freePort()
  const env = {
    ...ENVIRONMENT,
    REJOIN_DATA_DIR: dataDir,
    REJOIN_PORT: String(port),
    REJOIN_LOG_LEVEL: 'debug',
  }
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', stdout, 'pipe'] })
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  let errors = ''
  child.stderr?.on('data', (data: Buffer) => {
    errors += data.toString()
  })
  const url = `http://127.0.0.1:${port}`
  return {
    stdout: child.stdout,
    /** Resolves when it answers; rejects when it has ended. */
    async listening(): Promise<void> {
      let hasEnded = false
      void ended.then(() => {
        hasEnded = true
      })
      while (!(await fetch(`${url}/healthz`).then(Boolean, () => false))) {
        if (hasEnded) throw new Error(`The server ended: ${errors}`)
        // What it says, by which others wait, is read by nobody here.
        await wait(50)
      }
    },
    async ask(requests: number): Promise<void> {
      for (let count = 0; count < requests; count += 1) await fetch(`${url}/${LONG}`)
    },
    async dropped(): Promise<number> {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Number(/^rejoin_log_lines_dropped_total (\d+)$/m.exec(text)?.[1])
    },
    /** SIGTERM; resolves with its exit code. */
    async stop(): Promise<number | null> {
      child.kill('SIGTERM')
      return (await ended)[0]
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill('SIGKILL')
      await ended
      rmSync(dataDir, { recursive: true })
    },
  }
}

it('goes on and ends while nobody reads its standard output, and says how many lines were dropped', async () => {
  await using server = await startServer('pipe')
  await server.listening()
  await server.ask(REQUESTS)
  const dropped = await server.dropped()
  expect(dropped).toBeGreaterThan(0)
  let output = ''
  server.stdout?.on('data', (data: Buffer) => {
    output += data.toString()
  })
  while (!output.includes('log lines were dropped')) await server.ask(1)
  const line = output.split('\n').find((each) => each.includes('log lines were dropped')) ?? ''
  expect((JSON.parse(line) as { dropped: number }).dropped).toBeGreaterThanOrEqual(dropped)
  server.stdout?.pause()
  await server.ask(REQUESTS)
  expect(await server.stop()).toBe(0)
}, 60_000)

it('goes on and ends on a full disk, and counts what it could not say', async () => {
  const full = openSync('/dev/full', 'w')
  await using server = await startServer(full)
  closeSync(full)
  await server.listening()
  await server.ask(3)
  expect(await server.dropped()).toBeGreaterThan(3)
  expect(await server.stop()).toBe(0)
}, 60_000)

it('goes on and ends when whoever read its standard output is gone', async () => {
  await using server = await startServer('pipe')
  server.stdout?.destroy()
  await server.listening()
  await server.ask(3)
  expect(await server.dropped()).toBeGreaterThan(3)
  expect(await server.stop()).toBe(0)
}, 60_000)

it('says everything to its end where somebody reads', async () => {
  await using server = await startServer('pipe')
  let output = ''
  server.stdout?.on('data', (data: Buffer) => {
    output += data.toString()
  })
  const closed = once(server.stdout ?? process.stdin, 'close')
  await server.listening()
  await server.ask(20)
  expect(await server.dropped()).toBe(0)
  expect(await server.stop()).toBe(0)
  await closed
  expect(output).toContain('Rejoin listens on')
  expect(output.split(LONG).length - 1).toBe(20)
  expect(output).toContain('"msg":"stopping"')
}, 60_000)

it('says of a command whose answer does not fit that it does not, and nothing of a reader who has enough', () => {
  const run = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8', timeout: 60_000 })
  const rejoin = `NODE_COMPILE_CACHE=${CACHE} ${process.execPath} ${MAIN}`
  const full = run(`${rejoin} schema > /dev/full`)
  expect(full.status).toBe(1)
  expect(full.stderr).toContain('Cannot write to standard output: ENOSPC')
  const gone = run(`{ ${rejoin} schema; echo "ended with $?" >&2; } | true`)
  expect(gone.stderr).toBe('ended with 0\n')
}, 60_000)
