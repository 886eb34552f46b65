/** The server as its own process, on a data directory and a port that stay the same: to be killed and started again. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { STANDING_BY } from './program/program.ts'

/** As `pnpm start` does: more room for young objects makes the server larger, and hardly faster. */
export const AS_STARTED = ['--max-semi-space-size=8']

export interface Place {
  readonly dataDir: string
  readonly port: number
  /** Where Node keeps the compiled program between starts. */
  readonly cacheDir: string
  /** Further arguments of node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[]
  /** Further environment variables, such as `REJOIN_SMTP_URL`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Its working directory; the data directory by default. */
  readonly cwd?: string
}

export class ServerProcess {
  readonly url: string
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #ended: Promise<number | null>
  readonly #loaded: Promise<string>
  #output = ''
  #errors = ''
  readonly #watchers = new Set<() => void>()

  /** Starts the process, which loads the program and waits. */
  constructor({ dataDir, port, cacheDir, nodeOptions = [], settings = {}, cwd = dataDir }: Place) {
    this.url = `http://127.0.0.1:${port}`
    const env = {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: cacheDir,
      REJOIN_DATA_DIR: dataDir,
      REJOIN_PORT: String(port),
      REJOIN_LOG_LEVEL: 'warn',
      ...settings,
    }
    const child = spawn(process.execPath, [...AS_STARTED, ...nodeOptions, STANDING_BY, 'serve'], {
      env,
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child = child
    // Writing to a process that has been killed is no failure of the test.
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (data: Buffer) => this.#heard(data))
    child.stderr.on('data', (data: Buffer) => {
      this.#errors += data.toString()
    })
    this.#ended = once(child, 'close').then(([code]) => code as number | null)
    void this.#ended.then((code) => {
      if (code !== null && code !== 0) process.stderr.write(`The server ended with code ${code}: ${this.#errors}\n`)
    })
    this.#loaded = this.says('standing by')
    this.#loaded.catch(() => undefined)
  }

  /** Lets it open its data. Resolves when it has been told to. */
  async open(): Promise<void> {
    await this.#loaded
    this.#child.stdin.write('go\n')
  }

  /** Lets it open its data and resolves when it listens. */
  async listen(): Promise<void> {
    await this.open()
    await this.says('Rejoin listens on')
  }

  /** SIGKILL; resolves when nothing of it is left and all it ever sent has been handed to the sockets. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Asks it to collect garbage; it does so before it answers any later request. Needs `--expose-gc`. */
  collectGarbage(): void {
    this.#child.kill('SIGUSR2')
  }

  /** Resolves with its exit code when it has ended by itself. */
  ended(): Promise<number | null> {
    return this.#ended
  }

  /** SIGTERM; resolves with its exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  /** Resolves with the output when `text` is in it; rejects when the process ends before. */
  async says(text: string): Promise<string> {
    let hasEnded = false
    void this.#ended.then(() => {
      hasEnded = true
      for (const watcher of this.#watchers) watcher()
    })
    while (!this.#output.includes(text)) {
      if (hasEnded) throw new Error(`The server ended before it said "${text}": ${this.#errors}`)
      await new Promise<void>((look) => this.#watchers.add(look))
      this.#watchers.clear()
    }
    return this.#output
  }

  #heard(data: Buffer): void {
    this.#output += data.toString()
    for (const watcher of this.#watchers) watcher()
  }
}

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was free')
  return address.port
}
