/** Chromium, where this machine has one: one for all tests of a process, as each takes two seconds to start and to end. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser as Chromium, type BrowserContext } from 'playwright-core'

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const CHROMIUM = USUAL_PLACES.find((path) => existsSync(path))

export const NO_CHROMIUM = `there is no Chromium at ${USUAL_PLACES.join(', ')}`

const OPTIONS = { ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }), args: ARGS, timeout: 60_000 }

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext
}

export interface CrashingBrowser extends Browser {
  /** Kills the browser in the middle of what it does, and starts it again on the same profile, without a network. */
  crash(): Promise<void>
}

/** It ends with the process. */
let shared: Promise<Chromium> | undefined

/** A window of the shared browser that has no cookies, stores and caches of another. */
export async function openBrowser(): Promise<Browser> {
  shared ??= chromium.launch(OPTIONS)
  const browser = await shared
  const context = await browser.newContext()
  return { context, [Symbol.asyncDispose]: () => context.close() }
}

/** A browser of its own, with a profile on disk. */
export async function openCrashingBrowser(): Promise<CrashingBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'rejoin-browser-'))
  const launch = (offline: boolean) => chromium.launchPersistentContext(profile, { ...OPTIONS, offline })
  let context = await launch(false)
  return {
    get context() {
      return context
    },
    async crash() {
      const session = await context.browser()?.newBrowserCDPSession()
      if (session === undefined) throw new Error('this browser cannot be told to crash')
      const closed = context.waitForEvent('close')
      // It dies before it answers.
      await Promise.allSettled([session.send('Browser.crash'), closed])
      context = await launch(true)
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
