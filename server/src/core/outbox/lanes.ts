/**
 * Delivers the due messages of the outbox, each kind in a lane of its own.
 *
 * 1. Lanes do not wait for each other. In a lane several messages are under way at once, a few of them to one receiver,
 *    so that a slow receiver delays its own messages; others wait only if slow receivers take up the whole lane, or
 *    thousands of messages to one of them stand in front.
 * 2. A result that could not be written is kept and written later; until then the message is not sent again.
 * 3. At shutdown the messages under way have a moment more, then they are given up.
 */
import type { Commits } from '../commit/commit.ts'
import type { Messages, Read } from '../storage/db.ts'
import { SYSTEM_ID } from '../ids.ts'
import type { Log } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import {
  beginAttempt,
  dropWithdrawn,
  dueOf,
  endAttempt,
  Undelivered,
  Withdrawn,
  type Due,
  type Sender,
  type Senders,
} from './outbox.ts'
import { storedJson } from '../storage/stored-json.ts'
import type { SetAside } from '../storage/tables.ts'
import { endsWithin } from '../runtime/timeout.ts'

interface Ports {
  readonly read: Read
  readonly commits: Commits
  readonly log: Log
  readonly metrics: Metrics
  now(): number
}

type Failure = { readonly error: string; readonly setAside: Extract<SetAside, 'rejected' | 'unknown'> | null }
/** How an attempt ended: null where the message was delivered. */
type Result = Failure | 'withdrawn' | null

/** The name of the job that looks for due messages. */
export const OUTBOX_JOB = 'outbox'
/** How many messages behind those for a slow receiver are searched for one that need not wait. */
const LOOK_AHEAD = 5000
const DAMAGED = {}

export class Lanes {
  readonly #lanes: readonly Lane[]
  readonly #stopping = new AbortController()

  /** Messages of a kind without a sender wait. */
  constructor(ports: Ports, senders: Senders) {
    const kinds = Object.keys(senders) as (keyof Messages)[]
    this.#lanes = kinds.map((kind) => new Lane(ports, kind, senders[kind] as AnySender, this.#stopping.signal))
  }

  /** Begins due messages, as far as there is room. Each one that ends makes room for the next. */
  begin(): void {
    for (const lane of this.#lanes) lane.begin()
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.idle()))
  }

  /** Begins nothing any more. Messages that have not ended within `graceMs` are given up. */
  async close(graceMs: number): Promise<void> {
    for (const lane of this.#lanes) lane.close()
    await endsWithin(graceMs, this.idle())
    this.#stopping.abort(new Error('The server stopped while sending this message.'))
    await this.idle()
    for (const lane of this.#lanes) await lane.writeResults().catch((error: unknown) => lane.failed(error))
  }
}

type AnySender = Sender<Messages[keyof Messages]>

class Lane {
  readonly #ports: Ports
  readonly #kind: keyof Messages
  readonly #sender: AnySender
  readonly #signal: AbortSignal
  /** The receivers of the messages under way, by the id of the message. */
  readonly #underWay = new Map<string, string>()
  readonly #unwritten = new Map<string, Result>()
  readonly #work = new Set<Promise<void>>()
  #isFilling = false
  #isToFill = false
  #isClosed = false

  constructor(ports: Ports, kind: keyof Messages, sender: AnySender, signal: AbortSignal) {
    this.#ports = ports
    this.#kind = kind
    this.#sender = sender
    this.#signal = signal
  }

  begin(): void {
    this.#do(async () => {
      await this.writeResults()
      await this.#fill()
    })
  }

  close(): void {
    this.#isClosed = true
  }

  /** Rejects at the first result that cannot be written; it and those behind it are kept. */
  async writeResults(): Promise<void> {
    for (const [id, result] of Array.from(this.#unwritten)) await this.#write(id, result)
  }

  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
  }

  /** Failed work is tried again at the next look: a database that accepts nothing is asked once each time. */
  #do(work: () => Promise<void>): void {
    const doing = work()
      .catch((error: unknown) => this.failed(error))
      .finally(() => this.#work.delete(doing))
    this.#work.add(doing)
  }

  failed(error: unknown): void {
    this.#ports.log.error({ err: error, job: OUTBOX_JOB, kind: this.#kind }, 'a job failed')
    this.#ports.metrics.jobFailures.inc({ task: OUTBOX_JOB })
  }

  async #fill(): Promise<void> {
    this.#isToFill = true
    if (this.#isFilling) return
    this.#isFilling = true
    try {
      while (this.#isToFill) {
        this.#isToFill = false
        await this.#beginDue()
      }
    } finally {
      this.#isFilling = false
    }
  }

  async #beginDue(): Promise<void> {
    let looked = 0
    let due: Due[] = []
    do {
      due = await dueOf(this.#ports.read, this.#kind, this.#ports.now(), due.at(-1))
      for (const each of due) {
        if (this.#isClosed || this.#underWay.size >= this.#sender.atOnce) return
        this.#beginWhereRoom(each)
      }
      looked += due.length
    } while (due.length > 0 && looked < LOOK_AHEAD)
  }

  #beginWhereRoom(due: Due): void {
    if (this.#underWay.has(due.id)) return
    const payload = this.#contentOf(due)
    const receiver = payload === null ? '' : this.#sender.receiverOf(payload)
    const others = [...this.#underWay.values()].filter((each) => each === receiver)
    if (others.length >= this.#sender.atOnceToOne) return
    this.#underWay.set(due.id, receiver)
    this.#do(async () => {
      try {
        await this.#deliver(due, payload)
      } finally {
        this.#underWay.delete(due.id)
      }
      await this.#fill()
    })
  }

  async #deliver({ id, attempts }: Due, payload: Messages[keyof Messages] | null): Promise<void> {
    const { output } = await this.#ports.commits.commitOrThrow(beginAttempt, { id, attempts }, { actorId: SYSTEM_ID })
    if (output.isBegun) await this.#write(id, await this.#attempt(id, payload))
  }

  async #attempt(id: string, payload: Messages[keyof Messages] | null): Promise<Result> {
    if (payload === null)
      return { error: 'The content of this message is damaged in the database.', setAside: 'rejected' }
    try {
      this.#signal.throwIfAborted()
      await this.#sender.deliver({ id, payload }, this.#signal)
      return null
    } catch (error) {
      if (error instanceof Withdrawn) {
        this.#ports.log.info({ id, kind: this.#kind, why: error.message }, 'a message was withdrawn before it was sent')
        return 'withdrawn'
      }
      const setAside = error instanceof Undelivered ? error.setAside : null
      return { error: error instanceof Error ? error.message : String(error), setAside }
    }
  }

  async #write(id: string, result: Result): Promise<void> {
    const { commits } = this.#ports
    try {
      if (result === 'withdrawn') await commits.commitOrThrow(dropWithdrawn, { id }, { actorId: SYSTEM_ID })
      else await commits.commitOrThrow(endAttempt, { id, failure: result }, { actorId: SYSTEM_ID })
      this.#unwritten.delete(id)
    } catch (error) {
      this.#unwritten.set(id, result)
      throw error
    }
  }

  /** Null if the disk has damaged it. */
  #contentOf({ id, payload }: Due): Messages[keyof Messages] | null {
    const content = storedJson<Messages[keyof Messages] | object>(
      this.#ports.read,
      payload,
      `The content of message ${id}`,
      DAMAGED,
    )
    return content === DAMAGED ? null : (content as Messages[keyof Messages])
  }
}
