/**
 * What a device is told of what is committed, from its position on. A change goes out as it is when it is all that the
 * device misses; what is committed meanwhile, or moves its scope, is read from the log from the feed's own cursor, so a
 * missed wake-up loses nothing.
 */
import { scopeKeysOf } from '@rejoin/shared/access/audience.ts'
import type { Exchange } from '@rejoin/shared/sync/wire.ts'
import { getActor, userTopic } from '../../slices/accounts/queries.ts'
import { EVERYBODY, type DocumentChange, type Hub, type News } from '../../core/hub.ts'
import type { SerialQueue } from '../../core/runtime/serial-queue.ts'
import { headOf, type LogPosition } from '../../core/storage/revisions.ts'
import { batches, standing, type OutgoingBatch, type SyncApp } from './exchange.ts'
import { continues } from './live.ts'

/** What came of an exchange, to be told with what the device misses. */
type Told = Parameters<typeof batches>[3]

export interface FeedHost {
  readonly app: SyncApp & { readonly hub: Hub }
  readonly personId: string
  /** What is read from the log is told in turns of its own. */
  readonly queue: SerialQueue
  send(batch: OutgoingBatch): void
  /** Sends a batch that says only this. */
  push(change: DocumentChange): void
  /** Resolves when what was sent is with the network, or the connection is over. */
  flushed(): Promise<void>
}

export class Feed {
  readonly #host: FeedHost
  #position: LogPosition | null = null
  /** The device's ids, in this life first. */
  #lives: readonly string[] = []
  /** Those of the scope that it listens to; null until then. */
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

  /** Finds where the device stands, and listens from then on. */
  async begin(exchange: Exchange): Promise<void> {
    const { app, personId } = this.#host
    this.#position = await standing(app, personId, exchange)
    this.#listen(scopeKeysOf(await getActor(app.read, personId)))
  }

  /** Tells what came of an exchange, and everything that the device misses. */
  async tell(news: Told): Promise<void> {
    const { app, personId } = this.#host
    this.#lives = news.lives
    for await (const { batch, position, keys } of batches(app, personId, this.#position, news)) {
      // Nobody is there any more to be told the rest.
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

  /** Hears of nothing any more. The turns are over before. */
  end(): void {
    this.#unsubscribe()
  }

  /** Whatever else touches a scope with other keys than before is read from the log. */
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
      await this.tell({ lives: this.#lives, verdicts: [], resend: new Set() })
    })
  }
}
