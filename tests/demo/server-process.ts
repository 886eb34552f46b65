/** The real server as a process of its own, started as an operator would start it, and ended in two ways. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { MAIN } from '../harness/program/program.ts'
import { within } from './waiting.ts'

const LISTENING = /^Rejoin listens on (http:\/\/\S+)$/
const TOKEN = /"token":"([^"]+)"/
/** pino's number for `error`. */
const ERROR_LEVEL = 50

export interface ServerOptions {
  readonly dataDir: string
  /** 0 takes a free one. */
  readonly port?: number
  /** A cron pattern; the server's own without it. */
  readonly slaSweep?: string
}

export class ServerProcess {
  /** What the server logged as an error. */
  readonly errors: string[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #url = Promise.withResolvers<string>()
  readonly #setupToken = Promise.withResolvers<string>()

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    process.prependOnceListener('exit', () => child.kill('SIGKILL'))
    // Which settings it took is no part of the story.
    child.stderr?.on('data', (data: Buffer) => process.stderr.write(data.toString().replace(/^Settings: .*\n/, '')))
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => this.#read(line))
  }

  /** Resolves when the server listens. */
  static async start({ dataDir, port = 0, slaSweep }: ServerOptions): Promise<ServerProcess> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('REJOIN_'))
    const env = {
      ...Object.fromEntries(inherited),
      REJOIN_DATA_DIR: dataDir,
      REJOIN_PORT: String(port),
      REJOIN_LOG_LEVEL: 'warn',
      ...(slaSweep !== undefined && { REJOIN_SLA_SWEEP: slaSweep }),
    }
    const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const server = new ServerProcess(child)
    await server.url()
    return server
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  url(): Promise<string> {
    return within('the server listens', Promise.race([this.#url.promise, this.#ended()]))
  }

  /** What the first start prints to make the first administrator with. */
  setupToken(): Promise<string> {
    return within('the server prints its setup token', Promise.race([this.#setupToken.promise, this.#ended()]))
  }

  /** `kill -9`: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await within('the server stops when it is told to', this.#exited)
  }

  #read(line: string): void {
    const url = LISTENING.exec(line)?.[1]
    if (url !== undefined) this.#url.resolve(url)
    const token = TOKEN.exec(line)?.[1]
    if (token !== undefined) this.#setupToken.resolve(token)
    if (line.startsWith('{') && levelOf(line) >= ERROR_LEVEL) this.errors.push(line)
  }

  async #ended(): Promise<never> {
    await this.#exited
    throw new Error(`The server ended with ${this.#child.signalCode ?? this.#child.exitCode}.`)
  }
}

function levelOf(line: string): number {
  const level = /"level":(\d+)/.exec(line)?.[1]
  return level === undefined ? 0 : Number(level)
}
