/** The server of a run, which stops dead and starts again on its stored data: in this process, or in its own. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openApp, type App } from '@rejoin/server/app.ts'
import { headOf } from '@rejoin/server/core/storage/revisions.ts'
import { compact } from '@rejoin/server/core/maintenance/compaction.ts'
import type { Config } from '@rejoin/server/operations/config/config.ts'
import { listen, type Listening } from '@rejoin/server/http/server.ts'
import { testConfig } from '../../harness/config.ts'
import type { Clock } from '../../harness/clock.ts'
import { backUpOnline, copyDatabase } from '../../harness/database.ts'
import { freePort, ServerProcess, type Place } from '../../harness/server-process.ts'
import { turns } from './turns.ts'

export interface Site extends AsyncDisposable {
  readonly url: string
  /** Where the data is when the server has stopped. */
  readonly dataDir: string
  /** Ends the server at this moment and resolves when it listens again. */
  crash(outage: Outage): Promise<void>
  /** Copies the data of the running server into a folder. */
  backUp(to: string): Promise<void>
  /** Runs the due jobs, where the server goes by the clock of the run. */
  runJobs(): Promise<void>
  /** Runs them to their end, when no system outside keeps them waiting. */
  finishJobs(): Promise<void>
  /** The number of the last commit; null where the server is in its own process. */
  head(): number | null
  /** Sets the server's clock ahead, or back. Answers whether it could: in its own process it is the machine's. */
  setClock(aheadMs: number): boolean
  /** Drops older log entries, where the server is in this process: in its own it does so at night. */
  compact(keepMs: number): Promise<void>
  stop(): Promise<void>
}

export interface Outage {
  /** Called when the server can answer no more. */
  hangUp(): void
  /** Called when nothing of it is left, with the folder on which the next one will go on. */
  whileDown?(dataDir: string): Promise<void>
}

const DAY_MS = 24 * 3_600_000

interface SiteParts {
  readonly root: string
  readonly serverClock: { aheadMs: number }
  open(dataDir: string, port: number): Promise<App>
}

/** A crash here keeps the files as they were at that moment: the server goes on with a copy of them. */
export class SiteInProcess implements Site {
  readonly url: string
  readonly #parts: SiteParts
  readonly #port: number
  #generation = 0
  #app: App
  #listening: Listening

  private constructor(parts: SiteParts, app: App, listening: Listening) {
    this.#parts = parts
    this.#app = app
    this.#listening = listening
    this.url = listening.url
    this.#port = Number(new URL(listening.url).port)
  }

  /** `outside` has its settings for mail and webhooks. */
  static async start(root: string, clock: Clock, outside: Partial<Config>): Promise<SiteInProcess> {
    const serverClock = { aheadMs: 0 }
    const open = (dataDir: string, port: number) =>
      openApp(testConfig(dataDir, { ...outside, port }), {
        now: () => clock.now() + serverClock.aheadMs,
        mono: clock.now,
      })
    const app = await open(join(root, '0'), 0)
    return new SiteInProcess({ root, serverClock, open }, app, await listen(app))
  }

  get dataDir(): string {
    return join(this.#parts.root, String(this.#generation))
  }

  async crash({ hangUp, whileDown }: Outage): Promise<void> {
    const before = this.dataDir
    this.#generation += 1
    copyDatabase(before, this.dataDir)
    hangUp()
    await this.#listening.close()
    await this.#app.close()
    rmSync(before, { recursive: true })
    await whileDown?.(this.dataDir)
    this.#app = await this.#parts.open(this.dataDir, this.#port)
    this.#listening = await listen(this.#app)
  }

  async backUp(to: string): Promise<void> {
    copyDatabase(this.dataDir, to)
  }

  async runJobs(): Promise<void> {
    // Jobs that wait for a system outside go on beside the run.
    await Promise.race([this.#app.jobs.runDue(), turns(50)])
  }

  async finishJobs(): Promise<void> {
    await this.#app.jobs.runDue()
  }

  head(): number {
    return headOf(this.#app.read).cursor
  }

  setClock(aheadMs: number): boolean {
    this.#parts.serverClock.aheadMs = aheadMs
    return true
  }

  async compact(keepMs: number): Promise<void> {
    const { commits, now } = this.#app
    // The horizon is a day more than it says.
    await compact({ commits, now, config: { horizonDays: keepMs / DAY_MS - 1 } })
  }

  async stop(): Promise<void> {
    await this.#listening.close()
    await this.#app.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The server in a process of its own, ended by SIGKILL. The next one stands by meanwhile. */
export class SiteInItsOwnProcess implements Site {
  readonly url: string
  readonly dataDir: string
  readonly #place: Place
  #current: ServerProcess
  #next: ServerProcess

  private constructor(place: Place, first: ServerProcess) {
    this.#place = place
    this.dataDir = place.dataDir
    this.url = first.url
    this.#current = first
    this.#next = new ServerProcess(place)
  }

  static async start(
    root: string,
    cacheDir: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<SiteInItsOwnProcess> {
    const place = { dataDir: join(root, '0'), port: await freePort(), cacheDir, settings }
    const first = new ServerProcess(place)
    await first.listen()
    return new SiteInItsOwnProcess(place, first)
  }

  async crash({ hangUp, whileDown }: Outage): Promise<void> {
    const ending = this.#current.kill()
    hangUp()
    await ending
    await whileDown?.(this.dataDir)
    this.#current = this.#next
    this.#next = new ServerProcess(this.#place)
    await this.#current.listen()
  }

  async backUp(to: string): Promise<void> {
    await backUpOnline(this.dataDir, to)
  }

  async runJobs(): Promise<void> {}

  async finishJobs(): Promise<void> {}

  head(): null {
    return null
  }

  setClock(): boolean {
    return false
  }

  async compact(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#next.kill()
    const code = await this.#current.stop()
    if (code !== 0) throw new Error(`the server stopped with code ${String(code)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current.kill()
    await this.#next.kill()
  }
}
