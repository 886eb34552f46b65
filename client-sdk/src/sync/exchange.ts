/** The frame that a device sends: the `exchange` frame, within the limits of the protocol. */
import { MAX_COMMANDS, type Exchange, type QueuedCommand } from '@rejoin/shared/sync/wire.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import type { Contact, DeviceTime } from '@rejoin/shared/sync/time.ts'
import type { Entry } from '../ledger/outbox.ts'
import type { MadeCommand, Meta } from '../ledger/records.ts'
import { contactAt, contactsAround } from '../clock.ts'
import { MAX_COMMAND_BYTES } from '../ledger/size.ts'

interface Sized {
  readonly bytes: number
  readonly command: Pick<QueuedCommand, 'group'>
}

/** The longest prefix of `entries` that fits into one frame, `limit` commands at most, and parts no group. */
export function fitting<Each extends Sized>(entries: readonly Each[], limit: number): Each[] {
  const longest = longestFitting(entries, limit)
  const next = entries[longest.length]?.command.group
  const start = next === undefined ? -1 : longest.findIndex(({ command }) => command.group === next)
  return start === -1 ? longest : longest.slice(0, start)
}

function longestFitting<Each extends Sized>(entries: readonly Each[], limit: number): Each[] {
  let bytes = 0
  const fits = entries.slice(0, Math.min(limit, MAX_COMMANDS)).findIndex((entry) => {
    bytes += entry.bytes
    return bytes > MAX_COMMAND_BYTES
  })
  return entries.slice(0, fits === -1 ? Math.min(limit, MAX_COMMANDS) : fits)
}

/** `waiting` are the commands that are not among `entries`. */
export function exchangeOf(
  meta: Meta,
  clock: DeviceTime,
  entries: readonly Entry[],
  waiting: readonly Entry[] = [],
): Exchange {
  const commands = entries.map((entry) => asSent(entry.command))
  const { epoch, cursor, tag, greeting, formerId } = meta
  return {
    type: 'exchange',
    device: meta.deviceId,
    incarnation: meta.incarnation,
    ...(greeting !== null && { greeting }),
    ...(greeting?.[0] === 1 && formerId !== null && { former: formerId }),
    schema: SCHEMA_VERSION,
    clock,
    contacts: contactsFor(meta, clock, commands),
    cursor: epoch === null ? 0 : cursor,
    ...(epoch !== null && { epoch }),
    ...(epoch !== null && tag !== null && { tag }),
    commands,
    ...(waiting.length > 0 && { waitingSeen: lowestSeen(waiting) }),
  }
}

function lowestSeen(entries: readonly Entry[]): number {
  return entries.reduce((lowest, { command }) => Math.min(lowest, command.seen), Number.MAX_SAFE_INTEGER)
}

/** The frame says the version of the app, so a command says it only where its author's app was another one. */
export function asSent(command: MadeCommand): QueuedCommand {
  const { schema, ...rest } = command
  return schema === SCHEMA_VERSION ? rest : command
}

/** The server remembers no contacts: it gets those that place the commands. */
function contactsFor({ contacts }: Meta, clock: DeviceTime, commands: readonly QueuedCommand[]): Contact[] {
  const now = contactAt(0, clock)
  const readings = commands.map(({ at }) => at)
  return contactsAround([...contacts, now], readings).filter((contact) => contact !== now)
}
