/**
 * Tells a device the committed changes from its position on. A change goes out directly if the device misses nothing
 * else; if more was committed meanwhile, or its scope moved, the feed reads the log from its own cursor, so a missed
 * wake-up loses nothing.
 */
import { scopeKeysOf } from '@rejoin/shared/access/audience.ts'
import type { Exchange, LogPosition } from '@rejoin/shared/sync/wire.ts'
import { getActor, userTopic } from '../../slices/accounts/queries.ts'
import { EVERYBODY, type DocumentChange, type Hub, type News } from '../../core/hub.ts'
import type { SerialQueue } from '../../core/runtime/serial-queue.ts'
import { headOf } from '../../core/storage/revisions.ts'
import { batches, standing, type OutgoingBatch, type SyncApp } from './exchange.ts'
import { continues } from './live.ts'

/** The result of an exchange, sent together with the changes that the device misses. */
type Told = Parameters<typeof batches>[3]

export interface FeedHost {
  readonly app: SyncApp & { readonly hub: Hub }
  readonly personId: string
  /** Reads of the log are sent in turns of this queue. */
  readonly queue: SerialQueue
  send(batch: OutgoingBatch): void
  /** Sends a batch with this change only. */
  push(change: DocumentChange): void
  /** Resolves when everything sent is with the network, or the connection is over. */
  flushed(): Promise<void>
}

export class Feed {
  readonly #host: FeedHost
  #position: LogPosition | null = null
  /** The device's ids, the present incarnation first. */
  #incarnations: readonly string[] = []
  /** The keys of the scope that it listens to; null until then. */
  #keys: ReadonlySet<string> | null = null
  #woken = false
  /** The last commit that may concern the device, as far as the feed heard. */
  #heard = 0
  #unsubscribe: () => void = () => {}

  constructor(host: FeedHost) {
    this.#host = host
  }

  get keys(): readonly string[] {
    return [...(this.#keys ?? [])]
  }

  /** Finds the position of the device, and listens from then on. */
  begin(exchange: Exchange): void {
    const { app, personId } = this.#host
    this.#position = standing(app, personId, exchange)
    this.#listen(scopeKeysOf(getActor(app.read, personId)))
  }

  /** Sends the result of an exchange, and every change that the device misses. */
  async tell(news: Told): Promise<void> {
    const { app, personId } = this.#host
    this.#incarnations = news.incarnations
    for await (const { batch, position, keys } of batches(app, personId, this.#position, news)) {
      // The connection is over: nobody receives the rest.
      if (this.#host.queue.ended) return
      this.#host.send(batch)
      if (batch.more === true) {
        await this.#host.flushed()
        continue
      }
      this.#position = position
      this.#listen(keys)
    }
  }

  /** Stops listening. The queue has ended before. */
  end(): void {
    this.#unsubscribe()
  }

  /**
   * Listens to the keys of the scope. When they change, the feed reads the log up to now: commits under the new keys
   * may have been missed.
   */
  #listen(scopeKeys: readonly string[]): void {
    const { app, personId, queue } = this.#host
    const keys = new Set(scopeKeys)
    // The connection may be over meanwhile, and then nobody would unsubscribe.
    if (queue.ended || (keys.size === this.#keys?.size && keys.isSubsetOf(this.#keys))) return
    const isFirst = this.#keys === null
    this.#unsubscribe()
    this.#keys = keys
    this.#unsubscribe = app.hub.subscribe([...keys, userTopic(personId), EVERYBODY], (news) => this.#hear(news))
    if (!isFirst) this.#wake(headOf(app.read).cursor)
  }

  #hear(news: News): void {
    const position = this.#position
    const { queue } = this.#host
    const isNext = queue.isIdle && position !== null && this.#keys !== null && continues(news, position, this.#keys)
    if (isNext) this.#push(news.changes.filter(({ seq }) => seq > position.cursor))
    else this.#wake(news.seq)
  }

  #push(changes: readonly DocumentChange[]): void {
    for (const change of changes) {
      this.#host.app.metrics.catchUps.inc({ mode: 'live' })
      this.#host.push(change)
      this.#position = { cursor: change.seq, tag: change.tag }
    }
  }

  #wake(seq: number): void {
    this.#heard = seq
    if (this.#woken) return
    this.#woken = true
    void this.#host.queue.next(async () => {
      this.#woken = false
      if (this.#position !== null && this.#heard <= this.#position.cursor) return
      await this.tell({ incarnations: this.#incarnations, verdicts: [], resend: new Set() })
    })
  }
}
