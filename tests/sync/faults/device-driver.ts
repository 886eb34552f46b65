/** Drives a person's device through all its lives: it is opened, used, dies at any moment, and is opened again on its disk. */
import type { Device } from '@rejoin/client-sdk/device.ts'
import type { DeviceTime } from '@rejoin/shared/sync/time.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import type { Clock } from '../../harness/clock.ts'
import { randomFrom, type Random } from '../../harness/random.ts'
import type { Wire } from '../../harness/wire.ts'
import type { Book } from './book.ts'
import { Line } from './line.ts'
import type { Member } from './office.ts'
import { WatchedStore } from './watched-store.ts'

interface DeviceDriverParts {
  readonly member: Member
  readonly clock: Clock
  readonly wire: Wire
  readonly random: Random
  readonly book: Book
}

export class DeviceDriver {
  readonly member: Member
  readonly wire: Wire
  readonly line: Line
  /** How far the device's wall clock is off, in ms. */
  offsetMs = 0
  /** When each boot began, and for how long the device slept in it, by what its monotonic clock read then. */
  readonly #boot = new Map<string, { at: number; readonly sleeps: { readonly mono: number; readonly ms: number }[] }>()
  /** Texts that were typed here and are nobody else's, to be found again. */
  readonly typed: string[] = []
  #store: WatchedStore
  #device: Device | null = null
  #boots = 0
  readonly #clock: Clock
  readonly #random: Random
  readonly #book: Book

  constructor({ member, clock, wire, random, book }: DeviceDriverParts) {
    this.member = member
    this.wire = wire
    this.#clock = clock
    this.#random = random
    this.#book = book
    this.line = new Line(randomFrom(random.below(2 ** 32)), book)
    this.#store = this.#newStore([])
  }

  /** Null while the device is off. */
  get device(): Device | null {
    return this.#device
  }

  get store(): WatchedStore {
    return this.#store
  }

  /** Opens the device that its disk holds. It may die meanwhile, and is off then. */
  async open(): Promise<void> {
    const store = this.#store.isDead || this.#boots > 0 ? this.#newStore(this.#store.entries()) : this.#store
    this.#store = store
    this.#boots += 1
    const boot = `${this.member.name}-${this.#boots}`
    this.#boot.set(boot, { at: this.#clock.now(), sleeps: [] })
    const isAlive = () => !store.isDead
    const died = new Promise<null>((resolve) => {
      store.onDeath = () => {
        this.#off()
        resolve(null)
      }
    })
    const environment = {
      now: () => this.#clock.now() + this.offsetMs,
      mono: () => this.#mono(boot),
      boot,
      random: this.#random.next,
      after: (ms: number, run: () => void) => this.#clock.after(ms, () => isAlive() && run()),
      onReturn: () => () => undefined,
      WebSocket: this.line.socketsFor(isAlive),
    }
    const { token } = this.member
    const device = await Promise.race([openDevice({ url: this.wire.url, token, store, environment }), died])
    if (device === null || store.isDead) return
    this.#device = device
    device.connect()
  }

  /** The monotonic clock stands still for so long. */
  sleep(ms: number): void {
    const boot = `${this.member.name}-${this.#boots}`
    this.#boot.get(boot)?.sleeps.push({ mono: this.#mono(boot), ms })
  }

  /** When it was in truth that the device's clocks read so. */
  timeOf({ boot, mono }: DeviceTime): number {
    const { at = 0, sleeps = [] } = this.#boot.get(boot) ?? {}
    return sleeps.reduce((time, sleep) => (sleep.mono < mono ? time + sleep.ms : time), at + mono)
  }

  #mono(boot: string): number {
    const { at = 0, sleeps = [] } = this.#boot.get(boot) ?? {}
    return this.#clock.now() - at - sleeps.reduce((sum, { ms }) => sum + ms, 0)
  }

  /** The process ends without a word. */
  crash(): void {
    this.#store.die()
  }

  async close(): Promise<void> {
    const device = this.#device
    this.#device = null
    if (device !== null && !this.#store.isDead) await device.close()
  }

  /** From here on nothing goes wrong any more. */
  heal(): void {
    this.line.risk = 0
    this.#store.death = null
    this.#store.failures = 0
    this.#store.slowness = 0
    this.line.deliverLate()
    this.line.release({ swap: false })
    this.wire.mend()
  }

  #off(): void {
    this.#device = null
    this.line.cut({ linger: this.#random.next() < 0.3 })
  }

  #newStore(entries: Iterable<readonly [string, unknown]>): WatchedStore {
    return new WatchedStore(entries, this.#book, {
      actorId: this.member.id,
      device: this.member.name,
      timeOf: (at) => this.timeOf(at),
    })
  }
}
