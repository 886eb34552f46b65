/** When work was done, by the clocks of a device that sleeps, is rebooted, and whose wall clock people set. */
import { expect, it } from 'vitest'
import { CLOCK_SUSPECT_MS, effectiveTime, type Contact } from '@rejoin/shared/sync/time.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { randomFrom, type Random } from '../../harness/random.ts'
import { startWorld, type Person, type World } from '../../harness/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A device with clocks of its own: the monotonic one stands still while it sleeps. */
class Clocks {
  #mono = 0
  #boot = 1
  #offset: number
  readonly #now: () => number
  #countedAt: number
  isAsleep = false

  constructor(now: () => number, offset = 0) {
    this.#now = now
    this.#offset = offset
    this.#countedAt = now()
  }

  /** Counts until now, and goes to sleep or wakes. */
  sleep(isAsleep: boolean): void {
    this.#count()
    this.isAsleep = isAsleep
  }

  set(offset: number): void {
    this.#offset = offset
  }

  reboot(): void {
    this.#count()
    this.#mono = 0
    this.#boot += 1
  }

  readonly wall = () => this.#now() + this.#offset
  readonly mono = () => {
    this.#count()
    return this.#mono
  }

  get boot(): string {
    return `boot ${this.#boot}`
  }

  read() {
    return { wall: this.wall(), mono: this.mono(), boot: this.boot }
  }

  #count(): void {
    if (!this.isAsleep) this.#mono += this.#now() - this.#countedAt
    this.#countedAt = this.#now()
  }
}

it('does not take a sleep for work, nor work for a sleep', () => {
  const sent = { wall: 186 * MINUTE, mono: 6 * MINUTE, boot: 'b' }
  const at = { wall: 0, mono: 0, boot: 'b' }
  const asked = { at, sent, contacts: [], receivedAt: 186 * MINUTE, notBefore: 0 }
  expect(effectiveTime(asked)).toMatchObject({ effectiveAt: 0, clockSuspect: true })
  const contact = { serverTime: 0, wall: 0, mono: 0, boot: 'b' }
  expect(effectiveTime({ ...asked, contacts: [contact] })).toMatchObject({ effectiveAt: 0, clockSuspect: false })
})

interface Story {
  /** Server times. */
  readonly doneAt: number
  readonly receivedAt: number
  readonly asked: Parameters<typeof effectiveTime>[0]
  readonly wasSet: boolean
  readonly earliest: number
  readonly latest: number
}

/** A contact, hours of sleeping, waking, rebooting and setting the clock with work somewhere among it, and the next contact. */
function tell(random: Random, { sets }: { sets: boolean }): Story {
  let now = 1000 * HOUR
  const clocks = new Clocks(() => now, random.below(3 * HOUR) - HOUR)
  const contacts: Contact[] = []
  const meet = () => contacts.push({ serverTime: now, ...clocks.read() })
  const live = () => {
    now += random.below(HOUR)
    const action = random.below(sets ? 5 : 3)
    if (action === 0) clocks.sleep(true)
    now += random.below(4 * HOUR)
    clocks.sleep(false)
    if (action === 1 && random.below(3) === 0) clocks.reboot()
    if (action >= 3) clocks.set(random.below(6 * HOUR) - 3 * HOUR)
  }
  meet()
  const before = { at: now, ...clocks.read() }
  for (let times = random.below(4); times > 0; times -= 1) live()
  const [doneAt, at] = [now, clocks.read()]
  for (let times = random.below(4); times > 0; times -= 1) live()
  const sent = clocks.read()
  const awakeBefore = before.boot === at.boot ? at.mono - before.mono : 0
  const awakeAfter = at.boot === sent.boot ? sent.mono - at.mono : 0
  return {
    doneAt,
    receivedAt: now,
    asked: { at, sent, contacts, receivedAt: now, notBefore: 0, maxBackdateMs: Infinity },
    wasSet: sets,
    earliest: before.at + awakeBefore,
    latest: now - awakeAfter,
  }
}

const SEEDS = Array.from({ length: 500 }, (_, seed) => seed)

it('is exact, and sure, where nobody has set the wall clock, however the device slept and booted', () => {
  for (const seed of SEEDS) {
    const { asked, doneAt } = tell(randomFrom(seed), { sets: false })
    const { effectiveAt, clockSuspect } = effectiveTime(asked)
    expect(Math.abs(effectiveAt - doneAt), `seed ${seed}`).toBeLessThanOrEqual(30_000)
    const isOff = Math.abs(asked.at.wall - effectiveAt) > CLOCK_SUSPECT_MS
    expect(clockSuspect, `seed ${seed}`).toBe(isOff)
  }
})

it('is never outside what the monotonic clock allows, and says so where it is not sure', () => {
  for (const seed of SEEDS) {
    const { asked, doneAt, earliest, latest } = tell(randomFrom(seed), { sets: true })
    const { effectiveAt, clockSuspect } = effectiveTime(asked)
    expect(effectiveAt, `seed ${seed}`).toBeGreaterThanOrEqual(earliest - 1)
    expect(effectiveAt, `seed ${seed}`).toBeLessThanOrEqual(latest + 1)
    // A clock that was set and set back in between is the one thing that nobody can notice.
    const isFar = Math.abs(effectiveAt - doneAt) > CLOCK_SUSPECT_MS
    expect(clockSuspect || !isFar, `seed ${seed}`).toBe(true)
  }
})

it('is never exact across a sleep when an app keeps no wall reading with its contacts', () => {
  for (const seed of SEEDS) {
    const { asked, doneAt, earliest, latest } = tell(randomFrom(seed), { sets: false })
    const contacts = asked.contacts.map(({ serverTime, mono, boot }) => ({ serverTime, mono, boot }))
    const { clockSuspect } = effectiveTime({ ...asked, contacts })
    // Where it has not slept since the work, its clocks agree; and at the contact itself there is nothing to tell.
    const isBetween = earliest > 1000 * HOUR && latest - Math.max(earliest, doneAt) > CLOCK_SUSPECT_MS
    expect(clockSuspect || !isBetween, `seed ${seed}`).toBe(true)
  }
})

it('does not believe a contact with a server whose clock was ahead', () => {
  const boot = 'b'
  const contacts = [
    { serverTime: 10 * HOUR, wall: 10 * HOUR, mono: 0, boot },
    { serverTime: 34 * HOUR, wall: 11 * HOUR, mono: HOUR, boot },
  ]
  const at = { wall: 12 * HOUR, mono: 2 * HOUR, boot }
  const sent = { wall: 13 * HOUR, mono: 3 * HOUR, boot }
  const asked = { at, sent, contacts, receivedAt: 13 * HOUR, notBefore: 0 }
  expect(effectiveTime(asked)).toEqual({ effectiveAt: 12 * HOUR, clockSuspect: false, claimedAt: null })
})

/** A device of `owner` that sleeps as `clocks` do. */
async function laptop(world: World, owner: Person, clocks: Clocks) {
  const environment = { now: clocks.wall, mono: clocks.mono, after: world.clock.after, random: () => 0.5 }
  const options = { url: world.url, token: owner.token, store: memoryStore() }
  const device = await openDevice({ ...options, environment: { ...environment, boot: clocks.boot } })
  device.connect()
  await device.settled()
  return device
}

it.each([
  ['before it slept, five minutes after a contact', 5 * MINUTE, 3 * HOUR],
  ['after it woke, five minutes by its monotonic clock', 3 * HOUR + 5 * MINUTE, 3 * HOUR],
])('records work that a laptop did %s, when it was done', async (_, doneAfter, sleepMs) => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const clocks = new Clocks(world.clock.now)
  const device = await laptop(world, ada, clocks)
  device.disconnect()
  const begunAt = world.clock.now()
  const isBeforeSleep = doneAfter < sleepMs
  if (isBeforeSleep) await world.advance(doneAfter)
  else {
    clocks.sleep(true)
    await world.advance(sleepMs)
    clocks.sleep(false)
    await world.advance(doneAfter - sleepMs)
  }
  await device.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  if (isBeforeSleep) {
    clocks.sleep(true)
    await world.advance(sleepMs)
    clocks.sleep(false)
  }
  await world.advance(MINUTE)
  device.connect()
  await device.settled()
  expect(device.verdicts()).toMatchObject([{ outcome: 'applied' }])
  expect(await api.tickets.get.query({ ticketId: id })).toMatchObject({ resolvedAt: begunAt + doneAfter })
  await device.close()
})

it('places all of an outbox that takes several exchanges, with contacts between them', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const clocks = new Clocks(world.clock.now)
  const device = await laptop(world, ada, clocks)
  device.disconnect()
  const times: number[] = []
  for (let count = 0; count < 600; count += 1) {
    await world.advance(10_000)
    if (count % 100 === 50) {
      clocks.sleep(true)
      await world.advance(HOUR)
      clocks.sleep(false)
    }
    times.push(world.clock.now())
    await device.tickets.logWork({ ticketId: id, minutes: 1, note: String(count) })
  }
  device.connect()
  await device.settled()
  const log = await world.app.read
    .selectFrom('receipt')
    .select(['effectiveAt', 'clockSuspect'])
    .where('name', '=', 'work.log')
    .orderBy('number')
    .execute()
  expect(log).toEqual(times.map((effectiveAt) => ({ effectiveAt, clockSuspect: 0 })))
  await device.close()
})
