/** The two encodings of frames: CBOR in binary messages, JSON in text messages. `wire.ts` defines the frames. */
import { decode as decodeCbor, encode as encodeCbor } from 'cborg'
import type { z } from 'zod'
import { exceedsBytes, FRAME_VALUES, MAX_FRAME_BYTES } from '../budgets.ts'
import { describeIssues, Refusal } from '../errors.ts'
import { assertFewInJson, FewTokens } from '../value-count.ts'
import type { DeviceFrame, ServerFrame } from './wire.ts'

export type Encoding = 'cbor' | 'json'

/** A frame before defaults: empty lists and false flags may be left out, and are. */
type Sparse = z.input<typeof DeviceFrame> | z.input<typeof ServerFrame>

/** Lists that carry a meaning when they are empty. */
const TELLING = new Set(['viewing', 'people', 'places', 'held'])

/** Encodes a frame without undefined, empty or false fields: a reconnect with nothing to say stays small. */
export function encodeFrame(frame: Sparse, encoding: 'cbor'): Uint8Array<ArrayBuffer>
export function encodeFrame(frame: Sparse, encoding: 'json'): string
export function encodeFrame(frame: Sparse, encoding: Encoding): Uint8Array<ArrayBuffer> | string
export function encodeFrame(frame: Sparse, encoding: Encoding): Uint8Array<ArrayBuffer> | string {
  const entries = Object.entries(frame).filter(([key, value]) => TELLING.has(key) || !isDefault(value))
  const sparse = Object.fromEntries(entries)
  if (encoding === 'json') return JSON.stringify(sparse, bytesAsBase64)
  return new Uint8Array(encodeCbor(sparse, { ignoreUndefinedProperties: true }))
}

function isDefault(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0)
}

/** Writes bytes in JSON as base64, the form in which the schemas read them. */
export function bytesAsBase64(this: unknown, key: string, replaced: unknown): unknown {
  // Node's Buffers, which the database gives, turn themselves into something else before they come here.
  // oxlint-disable-next-line oxc/no-this-in-exported-function -- `JSON.stringify` calls it on what holds the value
  const value = (this as Record<string, unknown>)[key]
  if (!(value instanceof Uint8Array)) return replaced
  let binary = ''
  for (const byte of value) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Decodes and checks a frame. Throws `Refusal('too-large' | 'malformed-frame')`. */
export function decodeFrame<T>(schema: z.ZodType<T>, data: Uint8Array | string): T {
  const isTooLarge = typeof data === 'string' ? exceedsBytes(data, MAX_FRAME_BYTES) : data.length > MAX_FRAME_BYTES
  if (isTooLarge) {
    throw new Refusal(
      'too-large',
      `A frame may have at most ${MAX_FRAME_BYTES} bytes.`,
      'Send the work in smaller parts.',
    )
  }
  const result = schema.safeParse(decodeValue(data))
  if (!result.success)
    throw new Refusal('malformed-frame', `The frame cannot be parsed: ${describeIssues(result.error)}`)
  return result.data
}

/** The library's own defaults, which a tokenizer does not take by itself. */
const CBOR = {
  strict: false,
  allowIndefinite: true,
  allowUndefined: true,
  allowBigInt: true,
  rejectDuplicateMapKeys: true,
}

function decodeValue(data: Uint8Array | string): unknown {
  try {
    if (typeof data !== 'string') {
      return decodeCbor(data, { ...CBOR, tokenizer: new FewTokens(data, CBOR) }) as unknown
    }
    assertFewInJson(data, FRAME_VALUES)
    return JSON.parse(data) as unknown
  } catch (error) {
    if (error instanceof Refusal) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal('malformed-frame', `The frame is neither CBOR nor JSON: ${reason}`)
  }
}
