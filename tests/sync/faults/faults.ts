/** The faults of a run: lines, cables, devices, disks, clocks, and the server. */
import type { Random } from '../../harness/random.ts'
import type { DeviceDriver } from './device-driver.ts'
import type { Run } from './run.ts'
import { turns } from './turns.ts'
import { doOnDevice, workAtDesk } from './work.ts'

const HOUR_MS = 3_600_000
const MAX_OPERATIONS = 6
/** How long a silent line is left alone. */
const STEP_MS = 20_000

/** Frames wait from now on, among them those of the next few actions. */
export function holdLine(run: Run, random: Random): void {
  const driver = random.pick(run.drivers)
  run.book.fault('frames delayed')
  driver.line.isHeld = true
  for (let each = random.below(4); each > 0; each -= 1) {
    run.later.push(() => doOnDevice(run, random, driver))
  }
}

export function releaseLines({ drivers }: Run, random: Random): void {
  for (const { line } of drivers) line.release({ swap: random.below(2) === 0 })
}

export function cutConnection(run: Run, random: Random): void {
  run.book.fault('connection cut')
  random.pick(run.drivers).line.cut({ linger: random.below(2) === 0 })
}

/** The device goes on over another connection; its frames on this one reach the server later, or never. */
export function giveUpConnection(run: Run, random: Random): void {
  const driver = random.pick(run.drivers)
  driver.line.isHeld = true
  for (let each = 0; each < 3; each += 1) doOnDevice(run, random, driver)
  run.later.push(() => {
    run.book.fault('connection given up with work under way')
    driver.line.cut({ linger: true })
    driver.line.release({ swap: false })
  })
}

export function deliverLate({ book, drivers }: Run): void {
  for (const { line } of drivers) {
    if (line.deliverLate() > 0) book.fault('frames of an ended connection arrive late')
  }
}

export function breakCable(run: Run, random: Random): void {
  run.book.fault('cable broken within a frame')
  random.pick([...run.drivers, ...run.callers]).wire.breakAfter(1 + random.below(900))
}

/** The device takes nothing more that the server sends, and goes on sending. */
export function stopReading(run: Run, random: Random): void {
  run.book.fault('slow reader')
  random.pick(run.drivers).wire.stall()
}

export function readOn({ drivers }: Run): void {
  for (const { wire } of drivers) wire.mend()
}

export function goOfflineOrBack(run: Run, random: Random): void {
  const { device } = random.pick(run.drivers)
  if (device?.state === 'offline') device.connect()
  else device?.disconnect()
}

export function crashDevice(run: Run, random: Random): void {
  const driver = pickRunning(run, random)
  if (driver === null) return
  run.book.fault('device crash between two steps')
  driver.crash()
}

export function crashDeviceAtDisk({ drivers }: Run, random: Random): void {
  random.pick(drivers).store.death = { operations: random.below(MAX_OPERATIONS), after: random.below(2) === 0 }
}

export function fillDisk({ drivers }: Run, random: Random): void {
  random.pick(drivers).store.failures = 1 + random.below(2)
}

export function slowDisk({ drivers }: Run, random: Random): void {
  random.pick(drivers).store.slowness = random.below(4)
}

export function jumpClock(run: Run, random: Random): void {
  run.book.fault('clock jump of up to two hours')
  random.pick(run.drivers).offsetMs = (random.below(4 * 3600) - 2 * 3600) * 1000
}

/** Its monotonic clock stands still, and it notices only when it wakes. */
export function sleep(run: Run, random: Random): Promise<void> {
  run.book.fault('device sleep')
  const ms = random.below(4 * HOUR_MS)
  random.pick(run.drivers).sleep(ms)
  run.clock.advance(ms)
  return passTime(run, 0)
}

/** The line takes frames of either side, and neither learns that nobody hears it. */
export function loseLine(run: Run, random: Random): void {
  run.book.fault('dead line')
  random.pick(run.drivers).wire.swallow()
}

/** For some seconds, or minutes, in which people work. */
export async function setServerClock(run: Run, random: Random): Promise<void> {
  const isAhead = random.below(2) === 0
  const aheadMs = isAhead ? random.below(24 * HOUR_MS) : -random.below(HOUR_MS)
  if (!run.site.setClock(aheadMs)) return
  run.book.fault(isAhead ? 'server clock ahead' : 'server clock back')
  for (let each = random.below(4); each > 0; each -= 1) doOnDevice(run, random, random.pick(run.drivers))
  workAtDesk(run, random)
  await passTime(run, random.below(random.below(4) === 0 ? 5 * 60_000 : 10_000))
  run.site.setClock(0)
  await passTime(run, 1000)
  run.book.timesKnownFrom = run.clock.now()
}

export function slowMail(run: Run): void {
  run.book.fault('slow mail server')
  run.outside.slowMail()
  askForLetter(run)
}

export function slowWebhook(run: Run): void {
  run.book.fault('slow webhook receiver')
  run.outside.slowWebhook()
}

export function answerOutside({ outside }: Run): void {
  outside.relent()
}

export function askForLetter({ site, office, calls }: Run): void {
  const admin = office.members.find(({ role }) => role === 'admin')
  const headers = { authorization: `Bearer ${admin?.token}`, 'content-type': 'application/json' }
  const call = fetch(`${site.url}/trpc/mail.sendTest`, { method: 'POST', headers, body: '{}' }).then(
    async (answer) => void (await answer.arrayBuffer()),
    () => undefined,
  )
  calls.add(call)
  void call.then(() => calls.delete(call))
}

/** Time goes by for everybody, in steps in which those who are there can answer. */
export async function passTime(run: Run, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    run.clock.advance(Math.min(left, STEP_MS))
    await turns(6)
  }
  await run.site.runJobs()
}

export async function reboot(run: Run, random: Random): Promise<void> {
  const driver = pickRunning(run, random)
  if (driver === null) return
  run.book.fault('device reboot')
  driver.crash()
  run.clock.advance(random.below(HOUR_MS))
  await driver.open()
}

export async function switchOn({ drivers }: Run, random: Random): Promise<void> {
  const off = drivers.filter(({ device }) => device === null)
  if (off.length > 0) await random.pick(off).open()
}

export async function killServer(run: Run): Promise<void> {
  run.book.fault('server killed')
  run.counts.restarts += 1
  await run.site.crash({ hangUp: () => hangUp(run) })
}

export function hangUp({ drivers, callers }: Run): void {
  for (const { wire } of [...drivers, ...callers]) wire.snap()
}

function pickRunning({ drivers }: Run, random: Random): DeviceDriver | null {
  const running = drivers.filter(({ device }) => device !== null)
  return running.length === 0 ? null : random.pick(running)
}
