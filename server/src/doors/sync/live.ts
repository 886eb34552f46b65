/**
 * Committed changes as frames, each encoded once for all sessions that watch. A frame moves its device to the change
 * from any position after which nothing else of its scope changed; the session decides whether its device may get the
 * frame.
 */
import type { LogPosition } from '@rejoin/shared/sync/wire.ts'
import type { DocumentChange, News } from '../../core/hub.ts'
import { encodeFrame, type Encoding } from '@rejoin/shared/sync/encoding.ts'

/** A larger change is read from the log, which may send the document itself if that is smaller. */
const MAX_PUSH_BYTES = 1024 * 1024

type Bytes = Uint8Array<ArrayBuffer> | string

/**
 * Whether `news` holds all changes that a device at `position` misses and can take: it has everything before, and no
 * document enters or leaves its scope under `keys`. If not, the log has to be read.
 */
export function continues(
  { before, changes, isCalled }: News,
  position: LogPosition,
  keys: ReadonlySet<string>,
): boolean {
  const isSmall = ({ update, isDeliverable }: DocumentChange) => isDeliverable && update.length <= MAX_PUSH_BYTES
  const isHeld = (audience: readonly string[]) => audience.some((key) => keys.has(key))
  const isPlain = (change: DocumentChange) => isSmall(change) && isHeld(change.from) && isHeld(change.to)
  return !isCalled && position.cursor >= before && changes.every(isPlain)
}

export class LiveFrames {
  readonly #app: { readonly epoch: string; now(): number }
  readonly #frames = new WeakMap<DocumentChange, Partial<Record<Encoding, Bytes>>>()

  constructor(app: { readonly epoch: string; now(): number }) {
    this.#app = app
  }

  of(change: DocumentChange, encoding: Encoding): Bytes {
    const frames = this.#frames.get(change) ?? {}
    this.#frames.set(change, frames)
    return (frames[encoding] ??= this.#encode(change, encoding))
  }

  #encode({ seq: cursor, tag, documentId: ticketId, update }: DocumentChange, encoding: Encoding): Bytes {
    const { epoch } = this.#app
    const change = [{ ticketId, update }]
    return encodeFrame({ type: 'batch', epoch, cursor, tag, serverTime: this.#app.now(), change }, encoding)
  }
}
