/**
 * Devices run apps of every age: commands of earlier apps are upcast to today's schemas, those of later apps have to
 * wait.
 */
import { SCHEMA_VERSION, upcast, type Named } from '@rejoin/shared/sync/upcast.ts'
import type { Exchange, OfferedCommand, QueuedCommand } from '@rejoin/shared/sync/wire.ts'
import { RetryLater } from '../../core/runtime/retry-later.ts'

/** An update of the server takes a while, and all its devices wait for it. */
const RETRY_MS = 5 * 60_000

/** A command under today's schema, and the command as it was sent. */
type Today<Command> = Command & { readonly sent: Named }

export interface Understood extends Exchange {
  readonly commands: Today<QueuedCommand>[]
  readonly offered?: Today<OfferedCommand>[] | undefined
}

/**
 * The exchange with its commands as they would be made today. Throws `RetryLater('server-too-old')`, before any command
 * is judged: a later app may mean something else by a name that is known here.
 */
export function understood(exchange: Exchange): Understood {
  const { schema, commands, offered } = exchange
  const latest = [...commands, ...(offered ?? [])].reduce((newest, each) => Math.max(newest, each.schema ?? 1), schema)
  if (latest > SCHEMA_VERSION) throw serverTooOld(latest)
  const today = <Command extends QueuedCommand>(command: Command) => ({
    ...upcast(command, command.schema ?? schema),
    sent: { name: command.name, input: command.input },
  })
  return { ...exchange, commands: commands.map(today), offered: offered?.map(today) }
}

function serverTooOld(schema: number): RetryLater {
  const message = `The app uses version ${schema} of the command schemas; this server knows versions up to ${SCHEMA_VERSION}.`
  const hint = 'The work waits on the device until the server is updated.'
  return new RetryLater('server-too-old', message, { hint, retryAfterMs: RETRY_MS * (1 + Math.random()) })
}
