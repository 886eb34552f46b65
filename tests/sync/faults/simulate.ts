/**
 * One run: an office, its devices, and a random schedule of work and faults, all of it from one seed. Then everybody
 * rejoins, and the laws must hold.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApp, type App } from '@rejoin/server/app.ts'
import { derivedFaults, rebuild } from '@rejoin/server/cli/doctor/derived.ts'
import type { Device } from '@rejoin/client-sdk/device.ts'
import { testConfig } from '../../harness/config.ts'
import { Clock } from '../../harness/clock.ts'
import { randomFrom } from '../../harness/random.ts'
import type { Field } from '../../harness/world.ts'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { Book, Violation } from './book.ts'
import { createTicket, idFrom } from './actions.ts'
import type { DeviceDriver } from './device-driver.ts'
import { checkInvariants } from './invariants.ts'
import { foundOffice } from './office.ts'
import { openOutside } from './outside.ts'
import { assemble, quiet, type Counts, type Run } from './run.ts'
import { SiteInItsOwnProcess, SiteInProcess } from './site.ts'
import { passTime } from './faults.ts'
import { takeStep } from './steps.ts'
import { turns } from './turns.ts'

export interface Options {
  readonly seed: number
  readonly steps: number
  /** With a server in a process of its own, where Node keeps the compiled program; else it is in this one. */
  readonly cacheDir: string | null
}

export interface Outcome {
  readonly book: Book
  readonly counts: Counts
  readonly error: Error | null
}

export async function simulate(options: Options): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'rejoin-faults-'))
  const book = new Book()
  const counts: Counts = { restarts: 0, restores: 0 }
  try {
    await play(options, root, book, counts)
    return { book, counts, error: null }
  } catch (error) {
    return { book, counts, error: error instanceof Error ? error : new Error(String(error)) }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function play({ seed, steps, cacheDir }: Options, root: string, book: Book, counts: Counts) {
  const random = randomFrom(seed)
  // A server in its own process goes by the machine's clock, and sessions must not have expired by it.
  const clock = cacheDir === null ? new Clock() : new Clock(Date.now())
  await using outside = await openOutside()
  const office = await foundOffice(join(root, '0'), clock.now, { webhookUrl: outside.webhookUrl })
  await using site =
    cacheDir === null
      ? await SiteInProcess.start(root, clock, outside.settings)
      : await SiteInItsOwnProcess.start(root, cacheDir, outside.environment)
  await using run = await assemble({ random, clock, book, office, site, outside, counts })
  for (const driver of run.drivers) {
    driver.line.risk = random.pick([0, 0.3, 0.6])
    await driver.open()
  }
  await openTickets(run)
  for (let each = 0; each < steps; each += 1) {
    // Each step has numbers of its own: how many one of them uses does not change the rest of the plan.
    const own = randomFrom(random.below(2 ** 32))
    await takeStep(run, own)
    clock.advance(own.below(4000))
    if (own.below(10) === 0) await site.runJobs()
    if (own.below(3) === 0) await quiet(run)
    else await turns(own.below(12))
    book.check()
  }
  await rejoin(run)
  book.check()
  await site.stop()
  await judgeRun(run)
  for (const driver of run.drivers) await driver.close()
}

const FIRST_TICKETS = 5

/** Opens the tickets that people find on their first day. */
async function openTickets({ callers, office, random, ticketIds }: Run): Promise<void> {
  const [desk] = callers
  for (let each = 0; each < FIRST_TICKETS; each += 1) {
    const { name, input } = createTicket(random, random.pick(office.departments))
    ticketIds.push(input.ticketId)
    await desk?.send(idFrom(random), name, input)
  }
}

/** Nothing fails any more: lost commands are sent again, and every device catches up, twice. */
async function rejoin(run: Run): Promise<void> {
  run.book.step('everybody rejoins')
  run.outside.relent()
  for (const { wire } of run.callers) wire.mend()
  for (const driver of run.drivers) driver.heal()
  await Promise.all(run.calls)
  for (const caller of run.callers) {
    if ((await caller.retry()) > 0) throw new Violation(4, `a call of ${caller.member.name} gets no answer`)
    await caller.repeat(1)
  }
  for (const driver of run.drivers) if (driver.device === null) await driver.open()
  for (let round = 0; round < 2; round += 1) {
    for (const driver of run.drivers) await settle(run, driver)
  }
  // Until a clock that was set is believed again.
  await passTime(run, 3 * 60_000)
  // The server needs a while for the repairs that follow, and makes them beside the run.
  for (let round = 0; round < 10; round += 1) {
    await run.site.runJobs()
    await quiet(run)
  }
  // A commit that comes after the devices have settled, by a job or a repair, may not reach them before the server stops.
  for (let round = 0; round < MAX_PASSES; round += 1) {
    await run.site.finishJobs()
    const before = run.site.head()
    for (const driver of run.drivers) await settle(run, driver)
    await quiet(run)
    if (run.site.head() === before) return
  }
}

/** How often all devices settle until nothing is committed meanwhile. */
const MAX_PASSES = 10

/** Longer than a device waits for an answer: it may have dialled on a line that is dead. */
const MAX_ROUNDS = 900

/** Drives the clock until the device has nothing left to do. */
async function settle(run: Run, driver: DeviceDriver): Promise<void> {
  const device = deviceOf(driver)
  let hasSettled = false
  device.disconnect()
  device.connect()
  const settled = device.settled().then(() => {
    hasSettled = true
  })
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await Promise.race([settled, quiet(run)])
    if (hasSettled) return
    if (round % 10 === 9) run.clock.advance(1000)
  }
  const pending = device.pending().map(({ name, id }) => `${name} ${id}`)
  const problem = device.problem?.message ?? 'no problem'
  throw new Violation(4, `${driver.member.name} is ${device.state} (${problem}) and waits for ${pending.join(', ')}`)
}

async function judgeRun({ site, book, office, clock, drivers }: Run): Promise<void> {
  const app = await openApp(testConfig(site.dataDir), { now: clock.now })
  try {
    await mendUnmet(app)
    await checkInvariants(app, book, office, drivers.map(asField))
  } finally {
    await app.close()
  }
}

/** The operator's repair: mends damage that no request has met since. */
async function mendUnmet(app: App): Promise<void> {
  const damaged = (await derivedFaults(app)).filter(({ problem }) => problem.includes('its document is damaged'))
  const ids = damaged.map(({ documentId }) => documentId)
  await rebuild(app.commits, ids)
}

function asField(driver: DeviceDriver): Field {
  const device = deviceOf(driver)
  const { member, wire } = driver
  const api = connectApi(wire.url, member.token)
  return Object.assign(device, { person: { ...member, api }, wire, rejoin: () => device.settled() })
}

function deviceOf({ device, member }: DeviceDriver): Device {
  if (device === null) throw new Violation(4, `the device of ${member.name} does not open`)
  return device
}
