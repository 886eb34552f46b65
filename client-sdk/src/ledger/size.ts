/** How much of the outbox fits into a frame. */
import { encode } from 'cborg'
import { Refusal } from '@rejoin/shared/errors.ts'
import { MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'
import type { QueuedCommand } from '@rejoin/shared/sync/wire.ts'

/** Room for everything in a frame that is not a command; 50 contacts take about 5 KB. */
const ENVELOPE_BYTES = 16 * 1024

/** The largest command that fits into a frame of its own, in bytes of CBOR. */
export const MAX_COMMAND_BYTES = MAX_FRAME_BYTES - ENVELOPE_BYTES

/** The most commands that are judged as one. */
const MAX_GROUP = 50

/** The command's size in a frame, in bytes of CBOR. */
export function sizeOf(command: QueuedCommand): number {
  return encode(command, { ignoreUndefinedProperties: true }).length
}

/** Commands that are judged as one must fit into one frame. Throws `Refusal('too-large')`. */
export function assertFits(commands: readonly QueuedCommand[]): void {
  if (commands.length > MAX_GROUP) {
    throw new Refusal(
      'too-large',
      `A group has at most ${MAX_GROUP} commands.`,
      'Send independent commands separately.',
    )
  }
  const bytes = commands.reduce((sum, command) => sum + sizeOf(command), 0)
  if (bytes <= MAX_COMMAND_BYTES) return
  throw new Refusal('too-large', `A command or group may have at most ${MAX_COMMAND_BYTES} bytes.`, 'Send it in parts.')
}
