/** The server of a run, which stops dead and starts again on what it had stored: in this process, or in its own. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openApp, type App } from '@rejoin/server/app.ts'
import { compact } from '@rejoin/server/core/compaction.ts'
import { listen, type Listening } from '@rejoin/server/http.ts'
import { testConfig } from '../../harness/config.ts'
import type { Clock } from '../../harness/clock.ts'
import { backUpOnline, copyDatabase } from '../../harness/database.ts'
import { freePort, ServerProcess, type Place } from '../../harness/server-process.ts'

export interface Site extends AsyncDisposable {
  readonly url: string
  /** Where the data is when the server has stopped. */
  readonly dataDir: string
  /** Ends the server at this moment and resolves when it listens again. */
  crash(outage: Outage): Promise<void>
  /** Copies the data of the running server into a folder. */
  backUp(to: string): Promise<void>
  /** Runs what is due by the clock, where the server goes by the clock of the run. */
  runJobs(): Promise<void>
  /** Lets go of what is older, where the server is in this process: in its own it does so at night. */
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

/** A crash here leaves what the file system had at that moment: the server goes on with a copy of it. */
export class SiteInProcess implements Site {
  readonly url: string
  readonly #root: string
  readonly #clock: Clock
  readonly #port: number
  #generation = 0
  #app: App
  #listening: Listening

  private constructor(root: string, clock: Clock, app: App, listening: Listening) {
    this.#root = root
    this.#clock = clock
    this.#app = app
    this.#listening = listening
    this.url = listening.url
    this.#port = Number(new URL(listening.url).port)
  }

  static async start(root: string, clock: Clock): Promise<SiteInProcess> {
    const app = await openApp(testConfig(join(root, '0')), { now: clock.now })
    return new SiteInProcess(root, clock, app, await listen(app))
  }

  get dataDir(): string {
    return join(this.#root, String(this.#generation))
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
    this.#app = await openApp(testConfig(this.dataDir, { port: this.#port }), { now: this.#clock.now })
    this.#listening = await listen(this.#app)
  }

  async backUp(to: string): Promise<void> {
    copyDatabase(this.dataDir, to)
  }

  async runJobs(): Promise<void> {
    await this.#app.jobs.runDue()
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

  static async start(root: string, cacheDir: string): Promise<SiteInItsOwnProcess> {
    const place = { dataDir: join(root, '0'), port: await freePort(), cacheDir }
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
