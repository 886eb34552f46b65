/** How much of the outbox fits into a frame. */
import { encode } from 'cborg'
import { MAX_FRAME_BYTES, type QueuedCommand } from '@rejoin/shared/wire.ts'

/** Room for everything in a frame that is not a command; 50 contacts take about 5 KB. */
const ENVELOPE_BYTES = 16 * 1024

/** The largest command that fits into a frame of its own, in bytes of CBOR. */
export const MAX_COMMAND_BYTES = MAX_FRAME_BYTES - ENVELOPE_BYTES

/** What the command takes in a frame, in bytes of CBOR. */
export function sizeOf(command: QueuedCommand): number {
  return encode(command, { ignoreUndefinedProperties: true }).length
}
