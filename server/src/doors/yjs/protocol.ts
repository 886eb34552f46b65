/** The messages of the y-websocket protocol that this server speaks, to and from bytes. */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { Refusal } from '@rejoin/shared/errors.ts'

/** The largest update, with its message header. */
const MAX_MESSAGE_BYTES = 1024 * 1024 + 64
/** Ten thousand clients, as many as a document has. */
const MAX_STATE_VECTOR_BYTES = 128 * 1024

const MESSAGE = { sync: 0, awareness: 1, queryAwareness: 3 } as const
const SYNC = { step1: 0, step2: 1, update: 2 } as const

export type YjsMessage =
  | { readonly kind: 'state-vector'; readonly stateVector: Uint8Array }
  /** `isAnswer`: to a state vector. */
  | { readonly kind: 'update'; readonly update: Uint8Array; readonly isAnswer: boolean }
  | { readonly kind: 'awareness'; readonly update: Uint8Array }
  | { readonly kind: 'query-awareness' }

/** Throws `Refusal` `malformed-frame` or `too-large`. */
export function decodeMessage(data: Uint8Array): YjsMessage {
  assertSize('message', data, MAX_MESSAGE_BYTES)
  const message = decoded(data)
  if (message.kind === 'state-vector') assertSize('state vector', message.stateVector, MAX_STATE_VECTOR_BYTES)
  return message
}

function assertSize(what: string, { length }: Uint8Array, max: number): void {
  if (length <= max) return
  throw new Refusal('too-large', `The ${what} has ${length} bytes; the limit is ${max}.`, 'Send it in parts.')
}

function decoded(data: Uint8Array): YjsMessage {
  try {
    const decoder = decoding.createDecoder(data)
    const type = decoding.readVarUint(decoder)
    if (type === MESSAGE.queryAwareness) return { kind: 'query-awareness' }
    if (type === MESSAGE.awareness) return { kind: 'awareness', update: decoding.readVarUint8Array(decoder) }
    if (type === MESSAGE.sync) {
      const step = decoding.readVarUint(decoder)
      const bytes = decoding.readVarUint8Array(decoder)
      if (step === SYNC.step1) return { kind: 'state-vector', stateVector: bytes }
      if (step === SYNC.step2 || step === SYNC.update) {
        return { kind: 'update', update: bytes, isAnswer: step === SYNC.step2 }
      }
    }
  } catch {
    throw new Refusal('malformed-frame', 'The message is cut off.')
  }
  throw new Refusal('malformed-frame', 'The message is not part of the y-websocket protocol.')
}

export function encodeStateVector(stateVector: Uint8Array): Uint8Array<ArrayBuffer> {
  return encode(MESSAGE.sync, stateVector, SYNC.step1)
}

export function encodeMissing(update: Uint8Array): Uint8Array<ArrayBuffer> {
  return encode(MESSAGE.sync, update, SYNC.step2)
}

export function encodeUpdate(update: Uint8Array): Uint8Array<ArrayBuffer> {
  return encode(MESSAGE.sync, update, SYNC.update)
}

export function encodeAwareness(update: Uint8Array): Uint8Array<ArrayBuffer> {
  return encode(MESSAGE.awareness, update)
}

/** An awareness message without a client: a sign of life. */
export const NOBODY = encodeAwareness(new Uint8Array([0]))

/** One client's awareness state as an awareness update; a null state removes it. */
export function awarenessUpdate(clientId: number, clock: number, state: unknown): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarUint(encoder, clientId)
  encoding.writeVarUint(encoder, clock)
  encoding.writeVarString(encoder, JSON.stringify(state))
  return encoding.toUint8Array(encoder)
}

export interface AwarenessEntry {
  readonly clientId: number
  readonly clock: number
  readonly state: unknown
  /** The size of the state in the message. */
  readonly bytes: number
}

/** More than one client has heard of all the others and repeats. */
const MAX_AWARENESS_BYTES = 64 * 1024
const MAX_AWARENESS_ENTRIES = 200

/** Throws `Refusal('malformed-frame' | 'too-large')`. */
export function readAwareness(update: Uint8Array): AwarenessEntry[] {
  if (update.length > MAX_AWARENESS_BYTES) {
    throw tooLarge(`It has ${update.length} bytes; the limit is ${MAX_AWARENESS_BYTES}.`)
  }
  const decoder = decoding.createDecoder(update)
  const count = parsed(() => decoding.readVarUint(decoder))
  if (count > MAX_AWARENESS_ENTRIES) {
    throw tooLarge(`It describes ${count} clients; the limit is ${MAX_AWARENESS_ENTRIES}.`)
  }
  return parsed(() => Array.from({ length: count }, () => readEntry(decoder)))
}

function readEntry(decoder: decoding.Decoder): AwarenessEntry {
  const clientId = decoding.readVarUint(decoder)
  const clock = decoding.readVarUint(decoder)
  const json = decoding.readVarUint8Array(decoder)
  return { clientId, clock, state: JSON.parse(new TextDecoder().decode(json)) as unknown, bytes: json.length }
}

function parsed<Result>(read: () => Result): Result {
  try {
    return read()
  } catch {
    throw new Refusal('malformed-frame', 'The awareness message cannot be parsed.')
  }
}

function tooLarge(message: string): Refusal {
  return new Refusal('too-large', `The awareness message is too large. ${message}`, 'Send only your own state.')
}

function encode(type: number, bytes: Uint8Array, step?: number): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, type)
  if (step !== undefined) encoding.writeVarUint(encoder, step)
  encoding.writeVarUint8Array(encoder, bytes)
  return new Uint8Array(encoding.toUint8Array(encoder))
}
