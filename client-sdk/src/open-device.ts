/** Opens a device: reads its store, checks its options, and starts its parts. */
import { PING_MS } from '@rejoin/shared/sync/wire.ts'
import { Device } from './device.ts'
import { Engine } from './engine.ts'
import { environmentWith, type Environment } from './environment.ts'
import { checkToken } from './ledger/meta.ts'
import type { Store } from './stores/store.ts'

export interface DeviceOptions {
  /** The server's origin, for instance `http://127.0.0.1:4700`. */
  readonly url: string
  /** A session token; absent: the token in the store. */
  readonly token?: string
  readonly store: Store
  readonly environment?: Partial<Environment>
  /**
   * How long decided commands are kept, ms; 30 days unless told otherwise. Within that time nothing that the server has
   * acknowledged is lost when it is restored from an older backup: the device offers it again.
   */
  readonly keepForMs?: number
  /**
   * How long the server may be silent before the device asks whether it is there, ms; 25 s unless told otherwise, and
   * `Infinity` for never. The device notices a connection that died silently after twice as long.
   */
  readonly pingMs?: number
}

const KEEP_FOR_MS = 30 * 24 * 3_600_000

/**
 * Opens the device that lives in `store`, or makes it a new one. It starts `offline` with everything it held, or
 * `signed-out` while it has no token at the first `connect`; it needs no network. Throws `Refusal('invalid')` for a
 * malformed token or url and for a store that is no device's, `Refusal('conflict')` when the store is open elsewhere.
 */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  const environment = environmentWith(options.environment)
  const token = options.token === undefined ? undefined : checkToken(options.token)
  const records = await options.store.load()
  try {
    const engine = new Engine({
      url: options.url,
      store: options.store,
      environment,
      records,
      pingMs: options.pingMs ?? PING_MS,
    })
    await engine.start({ token, keepForMs: options.keepForMs ?? KEEP_FOR_MS })
    return new Device(engine, options.url)
  } catch (error) {
    await options.store.close()
    throw error
  }
}
