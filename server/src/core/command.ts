/**
 * The definition of a command, and the context it may use while it runs. Commands are plain values; `commit.ts` runs
 * them.
 */
import type { z } from 'zod'
import type { Actor } from '@rejoin/shared/access/access.ts'
import type { AdjustmentCode, Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type * as Y from 'yjs'
import type { Event, NewEvent } from './events.ts'
import type { Messages, Read, Tx } from './storage/db.ts'
import type { HashCost, Secrets } from './secrets.ts'
import type { Workers } from './runtime/workers/workers.ts'

export interface Command<Schema extends z.ZodType, Output, Prepared = void> {
  readonly name: string
  readonly input: Schema
  /** Cheap checks before `prepare`: rights, existence, state. `run` checks again; this one sees committed data. */
  readonly check?: (context: PrepareContext, input: z.output<Schema>) => void | Promise<void>
  /**
   * Costly work before the transaction, such as hashing a password; it runs a few at a time, in turns, and sees
   * committed data.
   */
  readonly prepare?: (context: PrepareContext, input: z.output<Schema>) => Prepared | Promise<Prepared>
  readonly run: (context: CommandContext, input: z.output<Schema>, prepared: Prepared) => Output | Promise<Output>
  /**
   * How large it may make documents. Absent: up to the budget. `reserve`: it ends work or hands it on, which must be
   * possible for a full document too. `any`: it writes a few bytes to many documents, and a full one must not stop it.
   */
  readonly room?: 'reserve' | 'any'
}

export interface PrepareContext {
  readonly read: Read
  readonly now: number
  /** The author, with their current rights. */
  readonly actor: Actor
  /** For work whose cost depends on the input. */
  readonly workers: Workers
  /** The cost of new password hashes. */
  readonly hashCost: HashCost
}

// oxlint-disable-next-line typescript/no-explicit-any -- a command of any input, output and preparation
export type AnyCommand = Command<any, any, any>

/** Declares a command; its types follow from its schema and its functions. */
export function command<Schema extends z.ZodType, Output, Prepared = void>(
  definition: Command<Schema, Output, Prepared>,
): Command<Schema, Output, Prepared> {
  return definition
}

/** A slice's answer to an event, inside the transaction of the command that caused it. */
export type Reaction = (context: CommandContext, event: Event) => void | Promise<void>

export interface CommandContext {
  readonly tx: Tx
  readonly actor: Actor
  /** Server time of this command. */
  readonly now: number
  /** When the author did it: before `now` for offline work. */
  readonly effectiveAt: number
  /** The sequence number under which this command's changes are committed. */
  readonly seq: number
  /** How far the author could have seen: the cursor of their device; `Infinity` for an author online. */
  readonly seen: number
  /** Whether the device has proved that cursor; otherwise its past gives no right. */
  readonly isProven: boolean
  /** The device that the command came from; null online. */
  readonly deviceId: string | null
  /** The origin of the request; null if no person sent it. */
  readonly source: Source | null
  /** Whether the command imports history: rows and clocks follow it, but nobody is notified. */
  readonly isHistory: boolean
  /** The person who lends the author their authority: the dispatcher who approved the parked command. */
  readonly approver: Actor | null
  /** For values that the database keeps sealed. */
  readonly secrets: Secrets
  newId(): string
  event(event: NewEvent): Promise<void>
  /**
   * Asks for the document to be brought up to date when the command is done: with the rows that this command changed,
   * or with all of them.
   */
  show(documentId: string, extent?: 'all'): void
  /**
   * Its additions stay in the document for good, so it may grow up to the budget and no further, even if `room` allows
   * more.
   */
  fills(): void
  /**
   * The document's Y.Doc, for merging text. Its changes are stored with the command or not at all. `newKind` is the kind of
   * a document whose row is not there yet.
   */
  edit(documentId: string, newKind?: string): Y.Doc
  /** The former generation of a document that was rebuilt, or null. Its texts and those of the document stay equal. */
  editFormer(documentId: string): Y.Doc | null
  /**
   * Replaces the document by a new one of the same content, written under `clientId`, which must be unused. False if there
   * are no rows for it.
   */
  rebuild(documentId: string, clientId: number): Promise<boolean>
  /** Whether the document can be read from the disk and its texts equal those of its rows. */
  isSound(documentId: string): boolean
  /** Reports that the command is applied, but with a change that the author should know of. */
  adjust(code: AdjustmentCode, message: string, hint?: string): void
  /** Puts a message for the outside into the outbox. */
  send<Kind extends keyof Messages>(kind: Kind, payload: Messages[Kind]): void
  /** Wakes the sessions that listen to a topic, once the command is on disk. */
  wake(topic: string): void
  /** Runs another command within this one, on its own savepoint; its refusal does not fail this one. */
  call(command: AnyCommand, input: unknown): Promise<Answer>
  /**
   * Like `call`, for several commands that are judged as one, in another person's name and at their time. Returns the
   * answers in order.
   */
  callTogether(calls: readonly Call[], as: Behalf): Promise<Answer[]>
}

export type Answer = Omit<Verdict, 'id'>

export interface Call {
  readonly command: AnyCommand
  readonly input: unknown
  readonly effectiveAt: number
  readonly seen: number
}

/** The origin of a request, as far as the door knows. */
export interface Source {
  readonly sessionId: string | null
  readonly address: string | null
  readonly userAgent: string | null
}

/** The person in whose name a command runs. */
export type Behalf = Pick<CommandContext, 'actor' | 'deviceId' | 'approver'>
