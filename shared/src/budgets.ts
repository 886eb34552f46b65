/**
 * How large things may become, in bytes and counts: the same numbers on the server and on devices. Together they make
 * sure that every device can receive every document that is stored. A command that would pass a budget is refused as
 * `too-large`, with the number.
 */
import { Refusal } from './errors.ts'

/** The largest frame that either side accepts, in bytes of its encoding. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024
/** Room in a frame for everything that is neither a document nor a command. */
const ENVELOPE_BYTES = 64 * 1024
/** The largest Yjs update that fits into a frame of its own, also as base64. Documents beyond it reach no device. */
export const DELIVERABLE_BYTES = Math.floor(((MAX_FRAME_BYTES - ENVELOPE_BYTES) * 3) / 4)

/** The size up to which people add to a document, in bytes of its merged Yjs state. */
export const DOCUMENT_BYTES = 2 * 1024 * 1024
/** The size up to which work on a full document can still be ended or handed on. */
export const FULL_DOCUMENT_BYTES = DOCUMENT_BYTES + 256 * 1024

/** Items in each list of a document: comments, work logs. */
export const LIST_ITEMS = 10_000
/** All custom fields of a ticket, in bytes of JSON. */
export const CUSTOM_FIELDS_BYTES = 64 * 1024
export const TAGS = 50
export const WATCHERS = 200

/** Values in one frame: each number, text, key and list costs time, however few bytes it takes. */
export const FRAME_VALUES = 150_000
/** Values in one body of the API. */
export const BODY_VALUES = 50_000
/** Values in the input of one command. */
export const INPUT_VALUES = 10_000

const encoder = new TextEncoder()

/** The bytes of a string in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length
}

/** Whether a string takes more than `max` bytes in UTF-8. */
export function exceedsBytes(text: string, max: number): boolean {
  return text.length > max || (text.length * 3 > max && byteLength(text) > max)
}

/** Throws `Refusal('too-large')`: `what` holds at most `max` of `unit`, and would hold `size`. */
export function assertWithin(
  what: string,
  { size, max, unit }: { size: number; max: number; unit: string },
  hint: string,
): void {
  if (size <= max) return
  throw new Refusal('too-large', `${what}: the limit is ${max} ${unit}; this would make ${size}.`, hint)
}
