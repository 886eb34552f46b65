/** A person's device on a cable that can be cut. */
import type { Device } from '@rejoin/client-sdk/device.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import type { Environment } from '@rejoin/client-sdk/environment.ts'
import type { Store } from '@rejoin/client-sdk/stores/store.ts'
import { Wire } from '../harness/wire.ts'
import { eventually, within } from './waiting.ts'
import type { Person } from './workspace.ts'

const SETTLE_BOUND_MS = 60_000

export interface FieldDeviceOptions {
  /** Of the server. */
  readonly url: string
  readonly store: Store
  readonly environment?: Partial<Environment>
}

export class FieldDevice {
  readonly person: Person
  readonly device: Device
  readonly #wire: Wire

  private constructor(person: Person, device: Device, wire: Wire) {
    this.person = person
    this.device = device
    this.#wire = wire
  }

  /** Opens the device that lives in the store, not yet connected. */
  static async open(person: Person, { url, store, environment = {} }: FieldDeviceOptions): Promise<FieldDevice> {
    const wire = await Wire.to(url)
    const device = await openDevice({ url: wire.url, token: person.token, store, environment })
    return new FieldDevice(person, device, wire)
  }

  /** Cuts the cable, whether or not anything is under way; resolves when the device has noticed. */
  async cut(): Promise<void> {
    this.#wire.cut()
    const { device } = this
    await eventually(device, `${this.person.name} notices the cut`, () => !isConnected(device))
  }

  /** Mends the cable and connects, without waiting for the connection. */
  reconnect(): void {
    this.#wire.mend()
    // An attempt that the cut has already doomed would have to fail first.
    this.device.disconnect()
    this.device.connect()
  }

  /** Resolves when everything queued here is decided and everything missed has arrived, news just arriving included. */
  async rejoin(): Promise<void> {
    this.reconnect()
    await this.settled()
  }

  async settled(): Promise<void> {
    await within(`everything that ${this.person.name} queued is decided`, this.device.settled(), SETTLE_BOUND_MS)
  }

  async close(): Promise<void> {
    if (this.device.state === 'closed') return
    await this.device.close()
    await this.#wire.close()
  }
}

function isConnected({ state }: Device): boolean {
  return state === 'connecting' || state === 'catching-up' || state === 'live'
}
