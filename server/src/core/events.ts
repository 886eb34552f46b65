/**
 * Events: what happened, as the log records it. Each slice declares its events once, in its `events.ts`: name, subject,
 * payload. From the declarations follow what `context.event` accepts, what a reaction sees, and how a stored event is read.
 *
 * 1. The name of an event stays: databases are full of it.
 * 2. A schema reads the payloads of every earlier version. A field that came later has a default or is optional.
 */
import { z } from 'zod'
import type { Read } from './storage/db.ts'
import { parsedAs } from './storage/stored-json.ts'

export interface Declaration<Subject extends string = string, Payload extends object = object> {
  /** The kinds of things that it can be about. */
  readonly subjects: readonly Subject[]
  readonly payload: z.ZodType<Payload>
}

export type Declarations = Readonly<Record<string, Declaration>>

/** Declares an event about a thing of this kind. */
export function about<Subject extends string, Payload extends object = Record<string, never>>(
  subject: Subject | readonly Subject[],
  payload?: z.ZodType<Payload>,
): Declaration<Subject, Payload>
export function about(subject: string | readonly string[], payload: z.ZodType<object> = z.object({})): Declaration {
  return { subjects: typeof subject === 'string' ? [subject] : subject, payload }
}

/** The entries of `Events` for these declarations. */
export type EventsOf<Declared extends Declarations> = {
  readonly [Type in keyof Declared]: Declared[Type] extends Declaration<infer Subject, infer Payload>
    ? { readonly subject: Subject; readonly payload: Readonly<Payload> }
    : never
}

export const coreEvents = {
  'setting-changed': about('setting', z.record(z.string(), z.unknown())),
}

/** Every event by its type. The machine declares its own here; each slice adds its own in its `events.ts`. */
export interface Events extends EventsOf<typeof coreEvents> {}

export type EventType = keyof Events

export interface Recorded<Type extends EventType> {
  readonly type: Type
  readonly subject: Events[Type]['subject']
  readonly subjectId: string
  readonly actorId: string
  readonly effectiveAt: number
  readonly recordedAt: number
  readonly payload: Events[Type]['payload']
}

/** Something that happened, as recorded in the event log. Its type says which payload it has. */
export type Event<Types extends EventType = EventType> = { [Type in Types]: Recorded<Type> }[Types]

/** An event as a command records it. An event without a payload need not name one. */
export type NewOf<
  All extends { readonly [Type in keyof All]: { readonly subject: string; readonly payload: object } },
  Types extends keyof All = keyof All,
> = {
  [Type in Types]: {
    readonly type: Type
    readonly subject: All[Type]['subject']
    readonly subjectId: string
    readonly actorId?: string
  } & ({} extends All[Type]['payload']
    ? { readonly payload?: All[Type]['payload'] }
    : { readonly payload: All[Type]['payload'] })
}[Types]

export type NewEvent<Types extends EventType = EventType> = NewOf<Events, Types> & { readonly effectiveAt?: number }

/** The type and payload of an event, without its subject. */
export type EventBody<Types extends EventType> = { [Type in Types]: Pick<Recorded<Type>, 'type' | 'payload'> }[Types]

/** What the commit loop adds to the payload of an event whose time is doubtful. */
const Doubts = z.object({
  clockSuspect: z.boolean().optional(),
  /** It counts from its receipt, since this time was too long ago. */
  backdated: z.object({ commandId: z.string(), claimedAt: z.number() }).optional(),
})
export type Doubts = z.infer<typeof Doubts>

interface Row {
  readonly id: number
  readonly type: string
  /** JSON. */
  readonly payload: string
}

/** An event of the log, read back. */
export type Stored<Declared extends Declarations, From extends Row = Row> = {
  [Type in keyof Declared & string]: Omit<From, 'type' | 'payload'> & {
    readonly type: Type
    readonly payload: z.output<Declared[Type]['payload']>
    readonly doubts: Doubts
  }
}[keyof Declared & string]

/** Reads an event of one of these types back; null for another one, and for one that the disk has damaged. */
export function storedEvent<Declared extends Declarations, From extends Row>(
  read: Pick<Read, 'passedOver'>,
  row: From,
  declared: Declared,
): Stored<Declared, From> | null {
  if (!Object.hasOwn(declared, row.type)) return null
  const schema = declared[row.type]?.payload
  const told = parsedAs(read, row.payload, `The content of event ${row.id}`, (json) => ({
    payload: schema?.parse(json),
    doubts: Doubts.parse(json),
  }))
  // The schema was found by the type, which the compiler cannot follow.
  return told === null ? null : { ...row, ...told }
}

/** The payload of an event of this type; null where the disk has damaged it. */
export function storedPayload<Payload extends object>(
  read: Pick<Read, 'passedOver'>,
  { id, payload }: Omit<Row, 'type'>,
  declared: Declaration<string, Payload>,
): Payload | null {
  return parsedAs(read, payload, `The content of event ${id}`, (json) => declared.payload.parse(json))
}
