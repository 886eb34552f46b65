/** A person's browser with the page in it, on a wire to the server that can be cut. */
import type { Page } from 'playwright-core'
import { Wire } from '../harness/wire.ts'
import type { Person, World } from '../harness/world.ts'
import { openBrowser, type Browser } from './chromium.ts'
import { sees, shows } from './look.ts'
import { openSite } from './site.ts'

export interface Laptop extends AsyncDisposable {
  readonly page: Page
  /** What the pages did not catch. */
  readonly uncaught: readonly Error[]
  /** Another tab with the page. */
  openTab(ticketId?: string): Promise<Page>
  /** Cuts the wire, takes the page's site down for good, and tells the browser that it has no network. */
  goOffline(): Promise<void>
  goOnline(): Promise<void>
}

/** With `person` signed in, their device live, and the page kept for later; in a window of its own unless one is given. */
export async function startLaptop(world: World, person: Person, given?: Browser): Promise<Laptop> {
  await using starting = new AsyncDisposableStack()
  const wire = starting.adopt(await Wire.to(world.url), (opened) => opened.close())
  const site = starting.use(await openSite())
  const browser = given ?? starting.use(await openBrowser())
  const uncaught: Error[] = []

  async function openTab(ticketId = ''): Promise<Page> {
    const page = await browser.context.newPage()
    page.on('pageerror', (error) => uncaught.push(error))
    await page.goto(`${site.url}?server=${encodeURIComponent(wire.url)}#${ticketId}`)
    return page
  }

  const page = await openTab()
  await page.getByLabel('Token').fill(person.token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await shows(page, 'Connection', 'live')
  await shows(page, 'Kept', 'yes')
  const parts = starting.move()

  return {
    page,
    uncaught,
    openTab,
    async goOffline() {
      // Chromium refuses new connections, but an open socket only stands still: the loss itself is the wire's.
      await browser.context.setOffline(true)
      wire.cut()
      await site[Symbol.asyncDispose]()
      await sees(() => page.evaluate(() => navigator.onLine), false)
      await shows(page, 'Connection', 'waiting')
    },
    async goOnline() {
      wire.mend()
      await browser.context.setOffline(false)
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
