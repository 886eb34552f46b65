/** Chromium, where this machine has one, with a profile of its own on disk. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'

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

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext
  /** Kills the browser in the middle of what it does, and starts it again on the same profile, without a network. */
  crash(): Promise<void>
}

export async function launchBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'rejoin-browser-'))
  const launch = (offline: boolean) =>
    chromium.launchPersistentContext(profile, {
      ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
      args: ARGS,
      offline,
      timeout: 15_000,
    })
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
