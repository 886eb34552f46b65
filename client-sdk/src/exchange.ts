/** What the device says when it has something to say: the `exchange` frame, within the limits of the protocol. */
import { encode } from 'cborg'
import {
  MAX_COMMANDS,
  MAX_FRAME_BYTES,
  SCHEMA_VERSION,
  type Exchange,
  type QueuedCommand,
} from '@rejoin/shared/wire.ts'
import type { DeviceTime } from '@rejoin/shared/time.ts'
import type { Entry } from './outbox.ts'
import type { Meta } from './records.ts'

/** Room for everything in a frame that is not a command; 50 contacts take about 5 KB. */
const ENVELOPE_BYTES = 16 * 1024
const MAX_CONTACTS = 50

/** The largest command that fits into a frame of its own, in bytes of CBOR. */
export const MAX_COMMAND_BYTES = MAX_FRAME_BYTES - ENVELOPE_BYTES

/** What the command takes in a frame, in bytes of CBOR. */
export function sizeOf(command: QueuedCommand): number {
  return encode(command, { ignoreUndefinedProperties: true }).length
}

/** The longest prefix of `entries` that fits into one frame, `limit` commands at most. */
export function fitting(entries: readonly Entry[], limit: number): Entry[] {
  let bytes = 0
  const fits = entries.slice(0, Math.min(limit, MAX_COMMANDS)).findIndex((entry) => {
    bytes += entry.bytes
    return bytes > MAX_COMMAND_BYTES
  })
  return entries.slice(0, fits === -1 ? Math.min(limit, MAX_COMMANDS) : fits)
}

export function exchangeOf(meta: Meta, clock: DeviceTime, entries: readonly Entry[]): Exchange {
  const commands = entries.map((entry) => entry.command)
  const { epoch, cursor, tag } = meta
  return {
    type: 'exchange',
    device: meta.deviceId,
    incarnation: meta.incarnation,
    schema: SCHEMA_VERSION,
    clock,
    contacts: contactsFor(meta, clock, commands),
    cursor: epoch === null ? 0 : cursor,
    ...(epoch !== null && { epoch }),
    ...(epoch !== null && tag !== null && { tag }),
    commands,
  }
}

/** The server remembers nothing of earlier boots: it gets the contacts that place the commands made in them. */
function contactsFor(meta: Meta, clock: DeviceTime, commands: readonly QueuedCommand[]) {
  const boots = new Set(commands.map((command) => command.at.boot))
  boots.delete(clock.boot)
  return meta.contacts.filter((contact) => boots.has(contact.boot)).slice(-MAX_CONTACTS)
}
