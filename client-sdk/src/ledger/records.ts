/** What a device's store holds, by key, and how to read it. */
import type { Contact } from '@rejoin/shared/sync/time.ts'
import { SCHEMA_VERSION, upcast } from '@rejoin/shared/sync/upcast.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type { ActorView, LogPosition, QueuedCommand, Greeting } from '@rejoin/shared/sync/wire.ts'

export const META_KEY = 'meta'
export const DOCUMENT_PREFIX = 'document/'
export const OUTBOX_PREFIX = 'outbox/'
export const VERDICT_PREFIX = 'verdict/'
export const HANDED_OVER_PREFIX = 'handed-over/'

export const FORMAT = 1

/** A position in the server's log that the device has reached. */
export interface LogPositionRecord extends LogPosition {
  /** The number of the first verdict that it received after reaching the position. */
  readonly order: number
}

export interface Meta {
  readonly format: typeof FORMAT
  readonly deviceId: string
  /** The incarnation of its store; 0 before the first contact. */
  readonly incarnation: number
  /** The device's id in the incarnation before, which the server ended: the store was copied or rolled back. */
  readonly formerId: string | null
  /** The last greeting that was begun, and whether the server has answered it. */
  readonly greeting: Greeting | null
  readonly isGreetingAnswered: boolean
  readonly token: string | null
  /** Whose device this is; null before the first contact. Never changes to another person. */
  readonly actor: ActorView | null
  /** With `cursor` and `tag` the position up to which the documents are the server's; null asks for the whole scope. */
  readonly epoch: string | null
  readonly cursor: number
  readonly tag: string | null
  /** Oldest first, the present one last. */
  readonly places: readonly LogPositionRecord[]
  /** Some of its documents are of a later position than the present one: it was cut off while it caught up. */
  readonly isAhead: boolean
  readonly contacts: readonly Contact[]
}

/** Plain texts as their author saw them; kept with a `text.write` in case it is refused. */
export type Texts = Readonly<Record<string, string>>

/** A command as its author made it: it is stored and sent in that form even after the app was upgraded. */
export type MadeCommand = QueuedCommand & { readonly schema: number }

export interface OutboxRecord {
  readonly command: MadeCommand
  readonly text?: Texts
}

export interface DecidedRecord extends OutboxRecord {
  readonly verdict: Verdict
  /** Server time of the batch that brought the verdict, epoch ms. */
  readonly decidedAt: number
  /** When the command took effect, epoch ms, by the server's clock as far as the device could tell. */
  readonly effectiveAt: number
  readonly isDismissed: boolean
  /** The number of its present verdict, where that is not the first. */
  readonly latestOrder?: number
  /** A person had to decide it, so its author waits for the verdict even where it is `applied`. */
  readonly wasParked?: boolean
}

export interface DocumentRecord {
  readonly state: Uint8Array
}

export interface HandedOverRecord {
  readonly leftAt: number
}

export type Records = ReadonlyMap<string, unknown>

/** Zero-padded, so that keys sort as numbers do. */
export function numberedKey(prefix: string, order: number): string {
  return prefix + String(order).padStart(12, '0')
}

/** The records under `prefix` with the rest of their keys, in the order of the keys. */
export function recordsUnder<T>(records: Records, prefix: string): [rest: string, record: T][] {
  return [...records]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, record]): [string, T] => [key.slice(prefix.length), record as T])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** The command of a record; the first version of the app did not note its schema version. */
export function madeBy({ schema = 1, ...command }: QueuedCommand): MadeCommand {
  return { ...command, schema }
}

/** The command in the form in which this version of the app would make it, which its rules judge. */
export function asToday(command: MadeCommand): MadeCommand {
  return { ...upcast(command, command.schema), schema: SCHEMA_VERSION }
}

/** The update of a `text.write`; null of another command. */
export function textUpdateOf(command: Pick<QueuedCommand, 'name' | 'input'>): Uint8Array | null {
  const { name, input } = command
  if (name !== 'text.write' || typeof input !== 'object' || input === null || !('update' in input)) return null
  return input.update instanceof Uint8Array ? input.update : null
}
