/**
 * One command while it runs: its time, its events, the documents it touches. All of it becomes real only when the
 * commit loop keeps its savepoint; `discard` forgets the rest. Commands within it are in `nested.ts`.
 */
import type { Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { setAudience } from '../documents/audience.ts'
import type { Asked } from './asked.ts'
import type { AnyCommand, CommandContext } from '../command.ts'
import type { Doubts, Event, NewEvent } from '../events.ts'
import type { Messages, Tx } from '../storage/db.ts'
import { Edits } from './edits.ts'
import { type Room } from '../documents/room.ts'
import { assertListsFit, project } from '../documents/project.ts'
import { runsWithin } from '../documents/authors.ts'
import { inheritAuthors } from '../documents/inherit.ts'
import { rebuilt, storeGeneration } from '../documents/generations.ts'
import { salvage } from '../documents/salvage.ts'
import { documentTopic, type DocumentChange } from '../hub.ts'
import { newId } from '../ids.ts'
import { insertRow } from '../storage/prepared.ts'
import { Nested, type Adjustment, type Given, type Whose } from './nested.ts'
import type { Ports, Request } from './ports.ts'

/** The person, with no more rights than the token of the request. */
export function limited(person: Actor, { scopes }: Pick<Request, 'scopes'>): Actor {
  return scopes === undefined ? person : { ...person, scopes }
}

export class CommandRun {
  readonly now: number
  readonly seq: number
  effectiveAt: number
  clockSuspect = false
  /** The claimed time, if it is too long ago to count by itself. */
  claimedAt: number | null = null
  changed = false
  /** The failed commands that this one builds on. */
  waitsFor: readonly string[] | null = null
  readonly #ports: Ports
  readonly #tx: Tx
  readonly #request: Request
  readonly #shown = new Set<string>()
  /** The shown documents whose unchanged parts may differ from their rows, too. */
  readonly #shownWhole = new Set<string>()
  #room: Room = 'budget'
  readonly #edits: Edits
  readonly #nested: Nested
  readonly #topics = new Set<string>()
  #tag: string | null = null

  constructor(ports: Ports, tx: Tx, seq: number, request: Request) {
    this.#ports = ports
    this.#tx = tx
    this.#request = request
    this.#edits = new Edits(ports.documents, tx)
    this.#nested = new Nested({ tx, edits: this.#edits, pace: ports.pace }, (whose) => this.#given(whose))
    this.seq = seq
    this.now = ports.now()
    this.effectiveAt = request.effectiveAt ?? this.now
  }

  /** The random tag of the change, beside its number. */
  get tag(): string {
    return (this.#tag ??= this.#ports.secrets.newTag(this.seq))
  }

  async execute(
    command: AnyCommand,
    input: { value: unknown; prepared: unknown } | Refusal,
  ): Promise<{ output: unknown; adjustment: Adjustment | null }> {
    this.settleTime()
    const actor = limited(this.#ports.actor(this.#tx, this.#request.actorId), this.#request)
    if (input instanceof Refusal) throw input
    this.#mustNotWait({ name: command.name, input: input.value })
    this.#room = command.room ?? 'budget'
    const { context, adjustment } = this.#given(this.#ownBehalf(actor))
    if (this.claimedAt !== null) {
      context.adjust('backdated-too-far', 'The work is older than the limit, so it counts from its arrival.')
    }
    const output: unknown = await command.run(context, input.value, input.prepared)
    return { output, adjustment: adjustment() }
  }

  /** Brings the shown documents up to date and stores the changes. */
  async finish(): Promise<{ changes: DocumentChange[]; topics: ReadonlySet<string> }> {
    const changes: DocumentChange[] = []
    for (const documentId of this.#shown) {
      this.#ports.documents.mustHaveRoom(documentId, this.#room, () => this.#itemsAdded(documentId))
      this.#edits.open(documentId)
    }
    for (const [documentId, doc] of this.#edits.documents) {
      await this.#ports.pace.turn()
      const isPart = this.#ports.documents.isStored(doc) && !this.#shownWhole.has(documentId)
      const kind = this.#ports.documents.kindOf(doc)
      const projection = kind?.project(this.#tx, documentId, isPart ? this.seq : 0) ?? null
      if (projection !== null) {
        if (this.#room !== 'any') assertListsFit(doc, projection)
        project(doc, projection, isPart ? 'part' : 'all')
      }
      const update = this.#edits.close(documentId)
      const to = projection?.audience ?? []
      const from =
        kind === null ? [] : await setAudience(this.#tx, { documentId, kind: kind.name, seq: this.seq, keys: to })
      if (update !== null) {
        const edit = { documentId, seq: this.seq, update, doc, room: this.#room }
        const { isDeliverable } = this.#ports.documents.store(this.#tx, edit)
        changes.push({ seq: this.seq, tag: this.tag, documentId, update, isDeliverable, from, to })
        this.changed = true
      } else if (to.length !== from.length || to.some((key) => !from.includes(key))) {
        this.changed = true
        for (const key of [...from, ...to]) this.#topics.add(key)
      }
      // No device carries the document, so it is not likely to be needed soon.
      if (to.length === 0) this.#ports.documents.drop(documentId)
    }
    return { changes, topics: this.#topics }
  }

  #itemsAdded(documentId: string): object[] {
    const projection = this.#ports.kinds.projection(this.#tx, documentId, this.seq)
    return projection === null ? [] : Object.values(projection.lists).flat()
  }

  /** Forgets documents that hold rolled-back changes. */
  discard(): void {
    this.#edits.discard()
  }

  /** Determines when the command was carried out. */
  settleTime(): void {
    const { origin } = this.#request
    if (origin === undefined) return
    const time = this.#ports.ofDevices.effectiveTime(this.#tx, origin)
    this.effectiveAt = time.effectiveAt
    this.clockSuspect = time.clockSuspect
    this.claimedAt = time.claimedAt
  }

  #mustNotWait(command: Asked): void {
    const { origin } = this.#request
    const wait = origin === undefined ? null : this.#ports.ofDevices.waitsFor(this.#tx, origin, command)
    if (wait === null) return
    this.waitsFor = wait.ids
    throw wait.refusal
  }

  /** In the name of the author of the request, at their time. */
  #ownBehalf(actor: Actor): Whose {
    const { origin } = this.#request
    const seen = origin?.seen ?? Number.POSITIVE_INFINITY
    const { deviceId = null, isProven = true } = origin ?? {}
    return { actor, deviceId, approver: null, effectiveAt: this.effectiveAt, seen, isProven }
  }

  #given(whose: Whose): Given {
    let adjustment: Adjustment | null = null
    const context: CommandContext = {
      tx: this.#tx,
      ...whose,
      now: this.now,
      seq: this.seq,
      source: this.#request.source ?? null,
      isHistory: this.#request.effectiveAt !== undefined,
      secrets: this.#ports.secrets,
      newId: () => newId(this.now),
      event: (event) => this.#event(context, event),
      show: (documentId, extent) => {
        this.#shown.add(documentId)
        if (extent === 'all') this.#shownWhole.add(documentId)
      },
      fills: () => {
        if (this.#room === 'reserve') this.#room = 'budget'
      },
      edit: (documentId, newKind) => this.#edits.open(documentId, { newKind }),
      editFormer: (documentId) => this.#edits.openFormer(documentId),
      rebuild: (documentId, clientId) => this.#rebuild(documentId, clientId),
      isSound: (documentId) => this.#ports.documents.isSound(this.#tx, documentId),
      adjust: (code, message, hint) => {
        adjustment ??= { code, message, ...(hint !== undefined && { hint }) }
      },
      send: (kind, payload) => this.#send(kind, payload),
      wake: (topic) => void this.#topics.add(topic),
      call: (command, input) => this.#nested.call(whose, command, input),
      callTogether: (calls, behalf) => this.#nested.callTogether(calls, behalf),
    }
    return { context, adjustment: () => adjustment }
  }

  async #rebuild(documentId: string, clientId: number): Promise<boolean> {
    const { documents, kinds } = this.#ports
    const kind = kinds.of(this.#tx, documentId)
    const projection = kind?.project(this.#tx, documentId, 0) ?? null
    if (kind === null || projection === null) return false
    const former = salvage(this.#tx, documentId, projection.texts)
    const doc = rebuilt(former, projection, clientId)
    const runs = await runsWithin(this.#tx, { documentId, doc: former, texts: kind.texts })
    storeGeneration(this.#tx, { documentId, kind: kind.name, seq: this.seq, former, doc })
    await inheritAuthors(this.#tx, { documentId, doc, runs })
    documents.writeAs(clientId)
    documents.drop(documentId)
    documents.forgetSizes()
    this.changed = true
    for (const topic of [...projection.audience, documentTopic(documentId)]) this.#topics.add(topic)
    return true
  }

  async #event(context: CommandContext, event: NewEvent): Promise<void> {
    this.changed = true
    const { actor, effectiveAt } = context
    // Its type goes with its payload as the declaration says, which the compiler loses in the spread.
    const recorded = { actorId: actor.id, effectiveAt, payload: {}, ...event, recordedAt: this.now } as Event
    insertRow(this.#tx, 'event', {
      ...recorded,
      seq: this.seq,
      deviceId: context.deviceId,
      payload: JSON.stringify({ ...recorded.payload, ...this.#doubts() }),
    })
    for (const react of this.#ports.reactions) await react(context, recorded)
  }

  /** Doubts about the time of the command, for readers of the log. */
  #doubts(): Doubts {
    const { clockSuspect, claimedAt } = this
    const { id: commandId } = this.#request
    return {
      ...(clockSuspect && { clockSuspect }),
      ...(claimedAt !== null && commandId !== undefined && { backdated: { commandId, claimedAt } }),
    }
  }

  #send<Kind extends keyof Messages>(kind: Kind, payload: Messages[Kind]): void {
    insertRow(this.#tx, 'outbox', {
      id: newId(this.now),
      kind,
      payload: JSON.stringify(payload),
      createdAt: this.now,
      attempts: 0,
      nextAttemptAt: this.now,
      attemptAt: null,
      sentAt: null,
      setAside: null,
      lastError: null,
    })
  }
}
