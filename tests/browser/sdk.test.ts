/** The SDK in a browser: what a bundle of it holds, and a page that works through a real loss of the network. */
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { documentValue } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { findState } from '@rejoin/server/core/documents/state.ts'
import { bundle } from './bundle.ts'
import { CHROMIUM, NO_CHROMIUM, openCrashingBrowser } from './chromium.ts'
import { startLaptop } from './laptop.ts'
import { lists, open, read, sees, shows, submit, type } from './look.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const ROOT = join(import.meta.dirname, '../..')
const HOUR = 3_600_000

async function serverDocument(world: World, ticketId: string): Promise<unknown> {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, findState(world.app.read, ticketId) ?? new Uint8Array())
  return documentValue(doc, TICKET_SHAPE)
}

/** The work of `person` on the ticket, by the server's history. */
async function workOf(world: World, person: Person, ticketId: string) {
  const { api } = await world.desk()
  const history = await api.tickets.history.query({ ticketId })
  return history.filter(({ actorId }) => actorId === person.id)
}

it('bundles for browsers without a module of Node, of the server, or of the SQLite store', async () => {
  const page = await bundle(join(ROOT, 'tests/browser/page.ts'))
  const ofSdk = (name: string) => page.modules.includes(join(ROOT, 'client-sdk/src', name))
  expect(page.nodeImports).toEqual([])
  expect(page.warnings).toEqual([])
  expect(ofSdk('device.ts') && ofSdk('stores/indexeddb.ts')).toBe(true)
  expect(page.modules.filter((path) => /sqlite\.ts$|better-sqlite3/.test(path))).toEqual([])
  expect(page.modules.filter((path) => path.startsWith(join(ROOT, 'server/')))).toEqual([])
})

it('would notice a module of Node in a bundle', async () => {
  const { nodeImports } = await bundle(join(ROOT, 'client-sdk/src/stores/sqlite.ts'))
  expect(nodeImports).toContainEqual(expect.stringMatching(/sqlite\.ts imports node:sqlite$/))
})

describe('in Chromium', () => {
  beforeEach(({ skip }) => skip(CHROMIUM === undefined, NO_CHROMIUM))

  it('carries work through a reload without a network, and brings it to the server once', async () => {
    await using world = await startWorld()
    const desk = await world.desk()
    const ada = await world.person('ada', 'agent')
    const sue = await world.device(await world.person('sue', 'supervisor'))
    const printer = await world.ticket({ title: 'Printer', description: 'Paper jam.', assignee: ada })
    const scanner = await world.ticket({ title: 'Scanner', assignee: ada })
    await using laptop = await startLaptop(world, ada)
    const { page } = laptop
    await lists(page, 'Queue', ['TKT-0001 Printer (open)', 'TKT-0002 Scanner (open)'])
    const leftAt = world.clock.now()
    await laptop.goOffline()

    await open(page, 'Scanner')
    await submit(page, 'Resolution', 'New lamp')
    await open(page, 'Printer')
    await type(page, ' New fuser 😀')
    await submit(page, 'New comment', 'On my way')
    await submit(page, 'New title', 'Printer, third floor')
    await shows(page, 'Pending', '4')
    expect(await serverDocument(world, printer.id)).toMatchObject({ description: 'Paper jam.', comments: [] })
    await world.advance(HOUR)
    await sue.rejoin()
    sue.text(printer.id, 'description').insert(0, 'Urgent! ')
    await sue.settled()

    const reloaded = await page.reload()
    expect(reloaded?.fromServiceWorker()).toBe(true)
    await shows(page, 'Connection', 'waiting')
    await shows(page, 'Pending', '4')
    await lists(page, 'Queue', ['TKT-0001 Printer, third floor (open)', 'TKT-0002 Scanner (resolved)'])
    await lists(page, 'Comments', ['ada: On my way'])
    expect(await page.getByLabel('Description').inputValue()).toBe('Paper jam. New fuser 😀')
    await page.getByLabel('Description').fill('Paper jam. New fuser 😁')
    await submit(page, 'New comment', 'Reloaded')
    await lists(page, 'Comments', ['ada: On my way', 'ada: Reloaded'])

    await laptop.goOnline()
    await shows(page, 'Connection', 'live')
    await shows(page, 'Pending', '0')
    await lists(page, 'Verdicts', [
      'ticket.resolve applied',
      'text.write applied',
      'comment.add applied',
      'ticket.edit applied',
      'text.write applied',
      'comment.add applied',
    ])
    await lists(page, 'Queue', ['TKT-0001 Printer, third floor (open)'])
    await sees(() => page.getByLabel('Description').inputValue(), 'Urgent! Paper jam. New fuser 😁')

    const replica: unknown = JSON.parse((await read(page, 'Replica')) ?? '')
    expect(replica).toEqual({ [printer.id]: await serverDocument(world, printer.id) })
    expect(replica).toMatchObject({ [printer.id]: { comments: [{ body: 'On my way' }, { body: 'Reloaded' }] } })
    const done = [...(await workOf(world, ada, printer.id)), ...(await workOf(world, ada, scanner.id))]
    expect(done.map(({ type }) => type)).toEqual([
      'text-written',
      'comment-added',
      'ticket-edited',
      'comment-added',
      'ticket-status-changed',
    ])
    // The browser's own clock is months away from the server's, and neither of its clocks knows of the hour: it
    // counts as slept, and the wall clock as set back. The history shows writes of one minute once.
    const hours = done.map(({ effectiveAt }) => (effectiveAt - leftAt) / HOUR)
    expect(hours.filter((each) => each < 0 || each > 1)).toEqual([])
    expect(await desk.api.tickets.get.query({ ticketId: scanner.id })).toMatchObject({ resolution: 'New lamp' })
    expect(laptop.uncaught).toEqual([])
  })

  it('opens its store again that the browser has closed, and loses no write', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const { id } = await world.ticket({ assignee: ada })
    await using laptop = await startLaptop(world, ada)
    const { page } = laptop
    await page.addInitScript(() => {
      const { open: openAny } = IDBFactory.prototype
      IDBFactory.prototype.open = function open(...args) {
        const opening = openAny.apply(this, args)
        opening.addEventListener('success', () => Object.assign(globalThis, { opened: opening.result }))
        return opening
      }
    })
    await page.reload()
    await shows(page, 'Connection', 'live')
    await open(page, 'Printer')
    await page.evaluate(() => (globalThis as unknown as { opened: IDBDatabase }).opened.close())
    await submit(page, 'New comment', 'After it was closed')
    await lists(page, 'Comments', ['ada: After it was closed'])
    await shows(page, 'Pending', '0')
    await page.reload()
    await lists(page, 'Comments', ['ada: After it was closed'])
    expect(await serverDocument(world, id)).toMatchObject({ comments: [{ body: 'After it was closed' }] })

    await page.evaluate(async () => {
      await new Promise((resolve) => {
        indexedDB.deleteDatabase('rejoin').addEventListener('success', resolve)
      })
    })
    await submit(page, 'New comment', 'After it was erased')
    const problem = await page.getByRole('alert').textContent()
    expect(problem).toContain('The browser deleted the data of this device. Copy work that is not on the server yet')
    expect(laptop.uncaught).toEqual([])
  })

  it('still has everything after the browser crashed without a network', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const { id } = await world.ticket({ assignee: ada })
    await using browser = await openCrashingBrowser()
    await using laptop = await startLaptop(world, ada, browser)
    await laptop.goOffline()
    await open(laptop.page, 'Printer')
    await submit(laptop.page, 'New comment', 'Written in a cellar')
    await lists(laptop.page, 'Comments', ['ada: Written in a cellar'])
    await browser.crash()

    const page = await laptop.openTab(id)
    await shows(page, 'Connection', 'waiting')
    await shows(page, 'Pending', '1')
    await lists(page, 'Comments', ['ada: Written in a cellar'])
    await laptop.goOnline()
    await lists(page, 'Verdicts', ['comment.add applied'])
    expect(await serverDocument(world, id)).toMatchObject({ comments: [{ body: 'Written in a cellar' }] })
    expect(laptop.uncaught).toEqual([])
  })

  it('erases what the browser has of a disabled account, and still brings the work when it is enabled again', async () => {
    await using world = await startWorld()
    const desk = await world.desk()
    const ada = await world.person('ada', 'agent')
    const { id } = await world.ticket({ assignee: ada })
    await using laptop = await startLaptop(world, ada)
    const { page } = laptop
    await laptop.goOffline()
    await open(page, 'Printer')
    await submit(page, 'New comment', 'Written in a cellar')
    await shows(page, 'Pending', '1')
    await desk.api.accounts.disable.mutate({ userId: ada.id })
    await laptop.goOnline()
    await shows(page, 'Connection', 'signed-out')
    await shows(page, 'Replica', '{}')
    await page.reload()
    await shows(page, 'Connection', 'signed-out')
    await shows(page, 'Replica', '{}')
    await shows(page, 'Pending', '1')

    await desk.api.accounts.enable.mutate({ userId: ada.id })
    await submit(page, 'Token', await world.newToken(ada.id))
    await lists(page, 'Verdicts', ['comment.add applied'])
    expect(await serverDocument(world, id)).toMatchObject({ comments: [{ body: 'Written in a cellar' }] })
  })

  it('sends every command once when the page is reloaded while they are on their way', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const { id } = await world.ticket({ assignee: ada })
    await using laptop = await startLaptop(world, ada)
    const { page } = laptop
    await open(page, 'Printer')
    const rounds = Array.from({ length: 5 }, (_, round) => `Round ${round}`)
    for (const [index, round] of rounds.entries()) {
      await submit(page, 'New comment', round)
      const sofar = rounds.slice(0, index + 1).map((body) => `ada: ${body}`)
      await lists(page, 'Comments', sofar)
      await page.reload()
      await lists(page, 'Comments', sofar)
    }
    await shows(page, 'Connection', 'live')
    await shows(page, 'Pending', '0')
    expect(await serverDocument(world, id)).toMatchObject({ comments: rounds.map((body) => ({ body })) })
    expect(laptop.uncaught).toEqual([])
  })

  it('tells in a sentence why a command was refused, and what to do', async () => {
    await using world = await startWorld()
    const desk = await world.desk()
    const bob = await world.person('bob', 'agent')
    const { id } = await world.ticket()
    await using laptop = await startLaptop(world, await world.person('ada', 'agent'))
    await laptop.goOffline()
    await open(laptop.page, 'Printer')
    await laptop.page.getByRole('button', { name: 'Claim' }).click()
    await laptop.page.getByRole('heading', { name: 'ada' }).waitFor()
    await desk.api.tickets.assign.mutate({ ticketId: id, agentId: bob.id })
    await laptop.goOnline()
    await lists(laptop.page, 'Verdicts', [
      'ticket.claim refused — TKT-0001 is already assigned to bob. Take another ticket.',
    ])
    await lists(laptop.page, 'Queue', [])
    expect(laptop.uncaught).toEqual([])
  })

  it('connects as soon as the browser says that the network is back, before its next attempt is due', async () => {
    await using world = await startWorld()
    await using laptop = await startLaptop(world, await world.person('ada', 'agent'))
    const { page } = laptop
    await page.clock.install()
    await laptop.goOffline()
    await page.clock.pauseAt(Date.now() + HOUR)
    await shows(page, 'Connection', 'waiting')
    await laptop.goOnline()
    await shows(page, 'Connection', 'live')
    expect(laptop.uncaught).toEqual([])
  })

  it('refuses a second tab of the same store, until the first is closed', async () => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const { id } = await world.ticket({ assignee: ada })
    await using laptop = await startLaptop(world, ada)
    const second = await laptop.openTab(id)
    await sees(
      () => second.getByRole('alert').textContent(),
      'This device is open in another tab or window. Use that tab or window, or close it.',
    )
    await open(laptop.page, 'Printer')
    await submit(laptop.page, 'New comment', 'From the first')
    await lists(laptop.page, 'Verdicts', ['comment.add applied'])

    await laptop.page.close()
    await second.reload()
    await shows(second, 'Connection', 'live')
    await lists(second, 'Comments', ['ada: From the first'])
    expect(laptop.uncaught).toEqual([])
  })
})
