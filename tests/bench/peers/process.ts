/** A server as its own process, and its use of CPU and memory by the kernel's count. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Server {
  readonly port: number
  readonly pid: number
  /** Milliseconds of CPU since it started, user and system, all threads. */
  cpu(): number
  /** Megabytes resident after garbage collection. */
  rss(): Promise<number>
  /** SIGKILL, or SIGTERM with ten seconds to follow it; resolves when it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

const COLLECT = join(import.meta.dirname, 'servers/collect.ts')
/** One collection may only free memory that the next one gives back. */
const COLLECTIONS = 3
const COLLECT_MS = 1000

interface Launch {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly port: number
  /** The line that it prints when it listens. */
  readonly ready: string
}

export async function startProcess({ args, env = {}, port, ready }: Launch): Promise<Server> {
  const nodeOptions = process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? []
  const child = spawn(process.execPath, ['--expose-gc', '--import', COLLECT, ...nodeOptions, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${args.join(' ')} did not start`)
  const ended = once(child, 'close')
  let errors = ''
  child.stderr.on('data', (data: Buffer) => {
    errors = (errors + data.toString()).slice(-2000)
  })
  process.once('exit', () => child.kill('SIGKILL'))
  await new Promise<void>((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (data: Buffer) => {
      output = (output + data.toString()).slice(-2000)
      if (output.includes(ready)) resolve()
    })
    void ended.then(() => reject(new Error(`${args.join(' ')} ended: ${errors}`)))
  })
  return {
    port,
    pid,
    cpu: () => cpuOf(pid),
    async rss() {
      for (let times = 0; times < COLLECTIONS; times += 1) {
        child.kill('SIGUSR2')
        await sleep(COLLECT_MS)
      }
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
    },
    async end(signal) {
      child.kill(signal)
      await Promise.race([ended, sleep(10_000, undefined, { ref: false })])
      child.kill('SIGKILL')
      await ended
      if (process.env['BENCH_VERBOSE'] !== undefined && errors !== '') process.stderr.write(errors)
    },
  }
}

/** `utime` and `stime` of /proc/<pid>/stat, as each thread's scheduler counts them: in nanoseconds, not in ticks. */
function cpuOf(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6
}

const LOOK_MS = 250
/** Ten thousand documents in memory tick by themselves: y-websocket looks after each one's awareness every 3 s. */
const IDLE_CPU_MS = 25
const LIMIT_MS = 20_000

/** Resolves, within 20 s, when the server has used almost nothing for `forMs`, so that its deferred work counts too. */
export async function quiet(server: Server, forMs: number): Promise<void> {
  const end = performance.now() + LIMIT_MS
  let since = performance.now()
  for (let last = server.cpu(); performance.now() - since < forMs && performance.now() < end;) {
    await sleep(LOOK_MS)
    const now = server.cpu()
    if (now - last > IDLE_CPU_MS) since = performance.now()
    last = now
  }
}
