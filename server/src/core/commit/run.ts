/**
 * One command while it runs: its time, its events, the documents it touches. Whatever it gathers becomes real only
 * when the commit loop keeps its savepoint; `discard` forgets the rest.
 */
import { sql } from 'kysely'
import * as Y from 'yjs'
import type { Actor } from '@rejoin/shared/access.ts'
import { describeIssues, ERRORS, Refusal } from '@rejoin/shared/errors.ts'
import type { AdjustmentCode, Verdict } from '@rejoin/shared/verdicts.ts'
import { setAudience } from '../documents/audience.ts'
import type { AnyCommand, CommandContext, NewEvent } from './command.ts'
import { isStorageFailure, type Tx } from '../db.ts'
import { project, storeUpdate } from '../documents/documents.ts'
import { documentTopic, type DocumentChange } from '../hub.ts'
import { newId } from '../ids.ts'
import type { Ports, Request } from './ports.ts'

interface Adjustment {
  readonly code: AdjustmentCode
  readonly message: string
  readonly hint?: string
}

interface Edited {
  readonly doc: Y.Doc
  readonly updates: Uint8Array[]
  stop(): void
}

export class CommandRun {
  readonly now: number
  readonly seq: number
  effectiveAt: number
  clockSuspect = false
  changed = false
  readonly #ports: Ports
  readonly #tx: Tx
  readonly #request: Request
  readonly #shown = new Set<string>()
  readonly #edited = new Map<string, Edited>()
  readonly #topics = new Set<string>()
  #depth = 0

  constructor(ports: Ports, tx: Tx, seq: number, request: Request) {
    this.#ports = ports
    this.#tx = tx
    this.#request = request
    this.seq = seq
    this.now = ports.now()
    this.effectiveAt = request.effectiveAt ?? this.now
  }

  async execute(
    command: AnyCommand,
    input: { value: unknown; prepared: unknown } | Refusal,
  ): Promise<{ output: unknown; adjustment: Adjustment | null }> {
    const tooFar = await this.#settleTime()
    if (input instanceof Refusal) throw input
    const actor = await this.#ports.actor(this.#tx, this.#request.actorId)
    const { context, adjustment } = this.#context(actor)
    if (tooFar) {
      context.adjust('backdated-too-far', 'The work is older than the limit, so it counts from when it arrived.')
    }
    const output: unknown = await command.run(context, input.value, input.prepared)
    return { output, adjustment: adjustment() }
  }

  /** Brings the shown documents up to date and stores what changed in them. */
  async finish(): Promise<{ changes: DocumentChange[]; topics: ReadonlySet<string> }> {
    const changes: DocumentChange[] = []
    for (const documentId of this.#shown) await this.#edit(documentId)
    for (const [documentId, { doc, updates, stop }] of this.#edited) {
      const projection = await this.#ports.projection(this.#tx, documentId)
      if (projection !== null) project(doc, projection)
      stop()
      const keys = projection?.audience ?? []
      const before = await setAudience(this.#tx, { documentId, seq: this.seq, keys })
      const [first] = updates
      if (first === undefined) {
        if (keys.length !== before.length || keys.some((key) => !before.includes(key))) this.changed = true
        continue
      }
      const update = updates.length === 1 ? first : Y.mergeUpdates(updates)
      await storeUpdate(this.#tx, { documentId, seq: this.seq, update, doc })
      changes.push({
        seq: this.seq,
        documentId,
        update,
        topics: new Set([...before, ...keys, documentTopic(documentId)]),
      })
      this.changed = true
    }
    return { changes, topics: this.#topics }
  }

  /** Forgets documents that hold what was rolled back. */
  discard(): void {
    for (const [documentId, { stop }] of this.#edited) {
      stop()
      this.#ports.documents.drop(documentId)
    }
  }

  async #settleTime(): Promise<boolean> {
    const { origin } = this.#request
    if (origin === undefined) return false
    const time = await origin.effectiveTime(this.#tx)
    this.effectiveAt = time.effectiveAt
    this.clockSuspect = time.clockSuspect
    return time.backdatedTooFar
  }

  #context(actor: Actor): { context: CommandContext; adjustment: () => Adjustment | null } {
    let adjustment: Adjustment | null = null
    const context: CommandContext = {
      tx: this.#tx,
      actor,
      now: this.now,
      effectiveAt: this.effectiveAt,
      seq: this.seq,
      seen: this.#request.origin?.seen ?? Number.POSITIVE_INFINITY,
      deviceId: this.#request.origin?.deviceId ?? null,
      isHistory: this.#request.effectiveAt !== undefined,
      newId: () => newId(this.now),
      event: (event) => this.#event(context, event),
      show: (documentId) => void this.#shown.add(documentId),
      edit: async (documentId) => (await this.#edit(documentId)).doc,
      adjust: (code, message, hint) => {
        adjustment ??= { code, message, ...(hint !== undefined && { hint }) }
      },
      send: (kind, payload) => this.#send(kind, payload),
      wake: (topic) => void this.#topics.add(topic),
      call: (command, input) => this.#call(actor, command, input),
    }
    return { context, adjustment: () => adjustment }
  }

  async #event(context: CommandContext, event: NewEvent): Promise<void> {
    this.changed = true
    const recorded = {
      actorId: context.actor.id,
      effectiveAt: this.effectiveAt,
      payload: {},
      ...event,
      recordedAt: this.now,
    }
    await this.#tx
      .insertInto('event')
      .values({
        ...recorded,
        seq: this.seq,
        deviceId: context.deviceId,
        payload: JSON.stringify({ ...recorded.payload, ...(this.clockSuspect && { clockSuspect: true }) }),
      })
      .execute()
    for (const react of this.#ports.reactions) await react(context, recorded)
  }

  async #edit(documentId: string): Promise<Edited> {
    const known = this.#edited.get(documentId)
    if (known !== undefined) return known
    const doc = await this.#ports.documents.load(this.#tx, documentId)
    const updates: Uint8Array[] = []
    const collect = (update: Uint8Array) => void updates.push(update)
    doc.on('update', collect)
    const edited = { doc, updates, stop: () => doc.off('update', collect) }
    this.#edited.set(documentId, edited)
    return edited
  }

  async #send(kind: string, payload: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#tx
      .insertInto('outbox')
      .values({
        id: newId(this.now),
        kind,
        payload: JSON.stringify(payload),
        createdAt: this.now,
        attempts: 0,
        nextAttemptAt: this.now,
        sentAt: null,
        lastError: null,
      })
      .execute()
  }

  async #call(actor: Actor, command: AnyCommand, rawInput: unknown): Promise<Omit<Verdict, 'id'>> {
    const savepoint = sql.ref(`call${(this.#depth += 1)}`)
    await sql`savepoint ${savepoint}`.execute(this.#tx)
    try {
      const parsed = command.input.safeParse(rawInput)
      if (!parsed.success) throw new Refusal('invalid', describeIssues(parsed.error))
      const { context, adjustment } = this.#context(actor)
      await command.run(context, parsed.data, undefined)
      await sql`release ${savepoint}`.execute(this.#tx)
      const adjusted = adjustment()
      return adjusted === null ? { outcome: 'applied' } : { outcome: 'adjusted', ...adjusted }
    } catch (error) {
      if (!(error instanceof Refusal) || isStorageFailure(error)) throw error
      await sql`rollback to ${savepoint}`.execute(this.#tx)
      await sql`release ${savepoint}`.execute(this.#tx)
      const { code, message, hint } = error
      return { outcome: ERRORS[code].outcome, code, message, ...(hint !== undefined && { hint }) }
    }
  }
}
