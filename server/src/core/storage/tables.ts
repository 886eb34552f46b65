/** The machine's own tables. */
import type { Generated } from 'kysely'
import type { Messages } from './db.ts'

/**
 * One committed change of the workspace; `tag` is random, so that a restored database can be told from the lost one.
 */
export interface RevisionTable {
  seq: number
  tag: string
  at: number
}

/** A document as one merged Yjs state; the updates after `stateSeq` complete it. */
export interface DocumentTable {
  id: string
  kind: string
  stateSeq: number
  /** Stored after the other columns, so that these can be read without it. */
  state: Uint8Array
  /** The checksum of `state`; see `documents/parts.ts`. */
  sum: number | null
}

/** The former generation of a document that was rebuilt at `endedSeq`. */
export interface FormerDocumentTable {
  documentId: string
  endedSeq: number
  state: Uint8Array
  sum: number | null
}

export interface DocumentUpdateTable {
  documentId: string
  seq: number
  update: Uint8Array
  sum: number | null
}

/** The audience of a document over time: from `fromSeq` (inclusive) to `toSeq` (exclusive; null: still). */
export interface AudienceTable {
  key: string
  documentId: string
  kind: string
  fromSeq: number
  toSeq: number | null
}

/** The owner of a Yjs client id; `server` for the server's own. */
export interface TextClientTable {
  clientId: number
  ownerId: string
  /** The device, in the incarnation in which it first wrote under the id; null for an editor and the API. */
  deviceId: string | null
  leasedAt: number | null
}

/** Text that the server wrote in a person's name: `length` clocks of its client id, from `clock`. */
export interface TextSpanTable {
  documentId: string
  clientId: number
  clock: number
  length: number
  authorId: string
  deviceId: string | null
}

export interface EventTable {
  id: Generated<number>
  seq: number
  subject: string
  subjectId: string
  type: string
  actorId: string
  deviceId: string | null
  effectiveAt: number
  recordedAt: number
  /** JSON. */
  payload: string
}

export interface ReceiptTable {
  /** Numbers receipts in the order in which the commands were judged. */
  number: Generated<number>
  id: string
  name: string
  actorId: string
  deviceId: string | null
  /** The document that a device's command is about, if it names one. */
  subjectId: string | null
  /** Names the commands that were judged as one. */
  groupId: string | null
  /** The `seq` up to which the author of a device's command could have seen. */
  seen: number | null
  /** JSON of the input, kept while a person has to decide about it. */
  input: string | null
  /** The version of the command schemas that the input follows: that of the server which stored it. */
  schema: Generated<number>
  outcome: 'applied' | 'adjusted' | 'parked' | 'refused'
  code: string | null
  message: string | null
  hint: string | null
  /** JSON: the ids of earlier commands of the device that it builds on and that failed. */
  waitsFor: string | null
  /** JSON of the command's output. */
  output: string | null
  effectiveAt: number
  recordedAt: number
  clockSuspect: number
  /** The claimed time, if it was too long ago to count by itself. */
  claimedAt: number | null
  /** The mark of the command's name and input as sent; null if unknown. See `commit/asked.ts`. */
  asked: string | null
  /** When and by whom a parked command was decided, or the claimed time of another was approved. */
  decidedAt: number | null
  decidedBy: string | null
  /** The `seq` under which its verdict last changed: devices with an earlier cursor are told. */
  decidedSeq: number | null
}

/** Why a message is not tried again. */
export type SetAside = 'rejected' | 'exhausted' | 'unknown'

/** A message for the outside, sent by a job. */
export interface OutboxTable {
  id: string
  kind: keyof Messages
  /** JSON. */
  payload: string
  createdAt: number
  attempts: number
  nextAttemptAt: number
  /** When the open attempt began; null if there is none. */
  attemptAt: number | null
  sentAt: number | null
  setAside: SetAside | null
  lastError: string | null
}

/** See `audit.ts`. */
export interface AuditTable {
  number: number
  at: number
  type: string
  actorId: string
  subject: string
  subjectId: string
  deviceId: string | null
  sessionId: string | null
  address: string | null
  userAgent: string | null
  /** JSON. */
  payload: string
  /** SHA-256 over the row and the hash before it, in hex. */
  hash: string
}

/** How many attempts were made; see `api/throttle/attempts.ts`. */
export interface AttemptTable {
  kind: string
  subject: string
  count: number
  lastAt: number
  nextAt: number
}

/** A network from which an attempt on an account has succeeded. */
export interface KnownPlaceTable {
  kind: string
  subject: string
  address: string
  lastAt: number
}

/** The last number of each counter. */
export interface CounterTable {
  name: string
  value: number
}

/** Settings made by administrators, as JSON by key. */
export interface SettingTable {
  key: string
  value: string
}

declare module './db.ts' {
  interface Tables {
    revision: RevisionTable
    document: DocumentTable
    documentUpdate: DocumentUpdateTable
    formerDocument: FormerDocumentTable
    audience: AudienceTable
    textClient: TextClientTable
    textSpan: TextSpanTable
    event: EventTable
    receipt: ReceiptTable
    outbox: OutboxTable
    counter: CounterTable
    audit: AuditTable
    attempt: AttemptTable
    knownPlace: KnownPlaceTable
    setting: SettingTable
  }
}
