/**
 * The machine of a customer: the unpacked archive, a folder of their own, no Node, nothing in the environment. Root
 * starts it as `nobody`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { SETTINGS_LINE } from '../harness/rejoin.ts'
import { archiveOfRun } from './release.ts'

const NOBODY = 65_534

export const IS_ROOT = process.getuid?.() === 0
const USER = IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {}

export interface Ended {
  readonly code: number | null
  readonly out: string
  /** Standard error without the line about the settings. */
  readonly says: string
}

export interface Running extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Resolves with the output when `text` is in it. */
  says(text: string): Promise<string>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM. Resolves with its exit code. */
  stop(): Promise<number | null>
}

export class Customer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rejoin-customer-'))
  readonly unpacked: string

  /** Unpacks a release. */
  constructor() {
    chmodSync(this.#folder, 0o755)
    const archive = archiveOfRun()
    execFileSync('tar', ['-xzf', archive, '-C', this.#folder, '--no-same-owner'])
    this.unpacked = join(this.#folder, basename(archive, '.tar.gz'))
  }

  /** A new empty folder that the user of the server owns. */
  folder(name: string): string {
    const folder = join(this.#folder, name)
    mkdirSync(folder)
    this.hand(folder)
    return folder
  }

  /** Makes a folder, and the files in it, theirs. */
  hand(folder: string): void {
    if (!IS_ROOT) return
    for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))])
      chownSync(path, NOBODY, NOBODY)
  }

  /** Runs `rejoin …` in `cwd` until it ends. */
  async run(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const child = this.#spawn(cwd, args, env)
    const [out, says]: [string[], string[]] = [[], []]
    child.stdout.on('data', (data: Buffer) => void out.push(data.toString()))
    child.stderr.on('data', (data: Buffer) => void says.push(data.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, out: out.join(''), says: says.join('').replace(SETTINGS_LINE, '').trim() }
  }

  /** Runs `rejoin serve` in `cwd`. Resolves when it listens. */
  async serve(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
    const child = this.#spawn(cwd, ['serve'], { REJOIN_PORT: '0', ...env })
    const ended = once(child, 'close').then(([code]) => code as number | null)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString()
      })
    }
    const says = async (text: string) => {
      while (!output.includes(text)) {
        if (child.exitCode !== null) throw new Error(`It ended before it said "${text}": ${output}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
      return output
    }
    const end = (signal: NodeJS.Signals) => {
      child.kill(signal)
      return ended
    }
    const kill = async () => void (await end('SIGKILL'))
    const [, url = ''] = /Rejoin listens on (\S+)\n/.exec(await says('Rejoin listens on')) ?? []
    return { url, pid: child.pid ?? 0, says, kill, stop: () => end('SIGTERM'), [Symbol.asyncDispose]: kill }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #spawn(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const options = { cwd, env: { PATH: '', ...env }, ...USER }
    return spawn(join(this.unpacked, 'rejoin'), args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  }
}
