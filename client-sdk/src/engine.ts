/**
 * Joins the parts of a device: the work done on it, the conversation with the server, and what it remembers, which both
 * reach through one journal. It decides nothing itself.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import { doorOf } from './api.ts'
import { Changes } from './changes.ts'
import type { Environment } from './environment.ts'
import { Journal } from './ledger/journal.ts'
import { readLedger, settleIn, type Ledger, type Settings } from './ledger/ledger.ts'
import type { Records } from './ledger/records.ts'
import type { Store } from './stores/store.ts'
import type { Connection } from './sync/connection.ts'
import { Conversation } from './sync/conversation.ts'
import { Work } from './work.ts'

export interface EngineParts {
  readonly url: string
  readonly store: Store
  readonly environment: Environment
  readonly records: Records
  readonly pingMs: number
}

export class Engine {
  readonly changes = new Changes()
  readonly environment: Environment
  readonly ledger: Ledger
  readonly journal: Journal
  readonly work: Work
  readonly conversation: Conversation
  readonly #store: Store
  readonly #stopListening: () => void

  constructor({ url, store, environment, records, pingMs }: EngineParts) {
    this.environment = environment
    this.#store = store
    this.journal = new Journal(store, this.changes)
    this.ledger = readLedger(records, environment, (ticketId) => this.work.typed(ticketId))
    const { changes, journal, ledger } = this
    this.work = new Work({
      environment,
      changes,
      journal,
      ledger,
      offer: () => this.conversation.offer(),
      problemChanged: () => changes.emit({ kind: 'state', state: this.connection.state }),
    })
    this.conversation = new Conversation({
      environment,
      url: doorOf(url, 'sync'),
      pingMs,
      changes,
      journal,
      ledger,
      flushTyping: (draft) => this.work.flushTyping(draft),
    })
    this.#stopListening = environment.onReturn(() => this.connection.returned())
  }

  get connection(): Connection {
    return this.conversation.connection
  }

  get problem(): Error | null {
    return this.work.problem ?? this.connection.problem
  }

  async start(settings: Settings): Promise<void> {
    await this.journal.turn((draft) => settleIn(draft, this.ledger, this.environment, settings))
  }

  /** Resolves when the device is live and nothing of it waits; rejects when that cannot come by itself. */
  async settled(): Promise<void> {
    this.connection.nudge()
    for (;;) {
      await this.work.flush()
      this.conversation.offerLive()
      const { state } = this.connection
      if (state === 'offline' || state === 'signed-out' || state === 'closed') throw this.#whyStopped()
      if (state === 'live' && this.ledger.outbox.size === 0 && this.ledger.typing.isEmpty) return
      await this.changes.next()
    }
  }

  async close(): Promise<void> {
    if (this.work.isClosed) return
    this.work.close()
    this.#stopListening()
    this.connection.close()
    try {
      await this.work.flush()
    } finally {
      await this.#store.close()
    }
  }

  #whyStopped(): Error {
    const { state } = this.connection
    if (state === 'closed') return new Refusal('unavailable', 'The device is closed.')
    if (state === 'offline') return new Refusal('unavailable', 'The device stays offline.', 'Call connect().')
    return this.problem ?? new Refusal('unauthenticated', 'Nobody is signed in on this device.', 'Sign in.')
  }
}
