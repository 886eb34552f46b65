/** Tells listeners which part of a device's state changed; they read the new state from the device. */
import type { LeaveReason } from '@rejoin/shared/sync/wire.ts'

/** What `Device.state` says of the connection. */
export type ConnectionState =
  /** The device stays offline until `connect`. */
  | 'offline'
  | 'connecting'
  /** The server is sending what the device missed. */
  | 'catching-up'
  | 'live'
  /** Between attempts. */
  | 'waiting'
  /** There is no token, the server rejects it (`signIn` resumes), or the device was revoked. */
  | 'signed-out'
  | 'closed'

/** A ticket that is not in the device's scope any more, and why. */
export interface Left {
  readonly ticketId: string
  readonly reason: LeaveReason
}

export type Change =
  /** `view`, `replica`, `queue` or `held` answer differently for these tickets. */
  | { readonly kind: 'tickets'; readonly ticketIds: readonly string[] }
  /** These tickets left the device; `held` and `handedOver` answer differently. */
  | { readonly kind: 'left'; readonly tickets: readonly Left[] }
  | { readonly kind: 'state'; readonly state: ConnectionState }
  /** `pending` answers differently. */
  | { readonly kind: 'outbox' }
  /** `verdicts` or `inbox` answer differently. */
  | { readonly kind: 'verdicts' }
  /** The store was copied or rolled back, and goes on as another device: `id` and `formerId` answer differently. */
  | { readonly kind: 'identity' }
  | { readonly kind: 'presence'; readonly ticketId: string }

export class Changes {
  readonly #listeners = new Set<(change: Change) => void>()

  /** Calls `listener` after each change; the returned function unsubscribes. */
  subscribe(listener: (change: Change) => void): () => void {
    const own = (change: Change) => listener(change)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  emit(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch (error) {
        // The listener's bug must not stop the device, and must not stay unseen: it becomes an uncaught error.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** Resolves at the next change. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = this.subscribe(() => {
        stop()
        resolve()
      })
    })
  }
}
