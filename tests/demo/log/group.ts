/**
 * An assignment group: one agent with one device, which works without a network for a while and rejoins, again and
 * again. When that happens is a matter of chance, and of the seed.
 */
import { memoryStore, type MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { FieldDevice } from '../field-device.ts'
import { eventually } from '../waiting.ts'
import type { Person } from '../workspace.ts'
import type { Step } from './express.ts'

const LEAVES = 0.25
const LONGEST_SPELL = 12
const IS_CUT = 0.5
const IS_CUT_AGAIN = 0.3
const SENDING_MS = 15

export interface GroupOptions {
  readonly url: string
  readonly departmentId: string
  readonly random: () => number
  /** Hears of what goes wrong in the background. */
  readonly fail: (error: unknown) => void
}

export class Group {
  readonly departmentId: string
  readonly field: FieldDevice
  readonly store: MemoryStore
  /** How often the device lost or left the network, and how often of that in the middle of rejoining. */
  readonly losses = { all: 0, whileRejoining: 0 }
  readonly #random: () => number
  readonly #fail: (error: unknown) => void
  /** Updates left to do without a network; 0 with one. */
  #spell = 0
  #rejoining: Promise<void> = Promise.resolve()

  private constructor(field: FieldDevice, store: MemoryStore, { departmentId, random, fail }: GroupOptions) {
    this.field = field
    this.store = store
    this.departmentId = departmentId
    this.#random = random
    this.#fail = fail
  }

  static async open(person: Person, options: GroupOptions): Promise<Group> {
    const store = memoryStore()
    const field = await FieldDevice.open(person, { url: options.url, store })
    await field.rejoin()
    return new Group(field, store, options)
  }

  get isAway(): boolean {
    return this.#spell > 0
  }

  /** Does one update's work, with or without a network as chance has it. Resolves with the ids of the commands. */
  async work(steps: readonly Step[]): Promise<string[]> {
    await this.#mayLeave()
    const ids: string[] = []
    for (const step of steps) ids.push((await step(this.field.device)).commandId)
    if (!this.isAway) return ids
    this.#spell -= 1
    if (!this.isAway) this.#startRejoining()
    return ids
  }

  /** Ends a spell without a network early. Resolves when everything done is decided and everything missed is here. */
  async rejoin(): Promise<void> {
    if (this.isAway) {
      this.#spell = 0
      this.#startRejoining()
    }
    await this.#rejoining
    await this.field.rejoin()
  }

  /** Begins or prolongs a spell without a network. */
  async leave(): Promise<void> {
    const isCut = this.#random() < IS_CUT
    const length = 1 + Math.floor(this.#random() * LONGEST_SPELL)
    if (!this.isAway) {
      await this.#rejoining
      this.losses.all += 1
      if (isCut) await this.field.cut()
      else this.field.device.disconnect()
    }
    this.#spell = Math.max(this.#spell, length)
  }

  async #mayLeave(): Promise<void> {
    const leaves = this.#random() < LEAVES
    if (leaves && !this.isAway) await this.leave()
  }

  /** In the background: others go on meanwhile. */
  #startRejoining(): void {
    const isCutAgain = this.#random() < IS_CUT_AGAIN
    const afterMs = this.#random() * SENDING_MS
    this.#rejoining = isCutAgain ? this.#rejoinWithACut(afterMs) : this.field.rejoin()
    this.#rejoining.catch(this.#fail)
  }

  /** The network fails again, somewhere between the first byte sent and the last one received. */
  async #rejoinWithACut(afterMs: number): Promise<void> {
    const { device } = this.field
    this.field.reconnect()
    await eventually(device, 'the device reaches the server', () => ['catching-up', 'live'].includes(device.state))
    // When a network fails has nothing to do with what happens on it, so this is a time and not an event.
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    this.losses.all += 1
    this.losses.whileRejoining += 1
    await this.field.cut()
    await this.field.rejoin()
  }
}
