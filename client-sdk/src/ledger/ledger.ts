/** Everything a device remembers, as one value: the store's contents, in memory. */
import { v7 } from 'uuid'
import type { DeviceCommandName } from '@rejoin/shared/commands.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import { readClock, serverTimeAt } from '../clock.ts'
import type { Environment } from '../environment.ts'
import { HandedOver } from './handed-over.ts'
import { Inbox } from './inbox.ts'
import type { Draft } from './journal.ts'
import { MetaCell, readMeta } from './meta.ts'
import { Outbox } from './outbox.ts'
import type { MadeCommand, Records } from './records.ts'
import { Replica } from './replica.ts'
import { Typing } from './typing.ts'

export interface Ledger {
  readonly meta: MetaCell
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly handedOver: HandedOver
  readonly typing: Typing
  readonly replica: Replica
}

/** Reads the store's records. `typed` is called with every ticket whose texts were typed into. */
export function readLedger(records: Records, environment: Environment, typed: (ticketId: string) => void): Ledger {
  const outbox = new Outbox(records)
  const typing = new Typing()
  const replica = new Replica(records, {
    waiting: (ticketId) => [...outbox.textsOf(ticketId), ...typing.updatesOf(ticketId)],
    typed(ticketId, update, transaction) {
      typing.collect(ticketId, update, transaction)
      typed(ticketId)
    },
  })
  const meta = readMeta(records, environment)
  return {
    meta: new MetaCell(meta),
    outbox,
    // Commands decided since a position are found by number, so no number is used twice.
    inbox: new Inbox(records, meta.places.at(-1)?.order ?? 1),
    handedOver: new HandedOver(records),
    typing,
    replica,
  }
}

export interface Settings {
  readonly token: string | undefined
  /** How long decided commands are kept. */
  readonly keepForMs: number
}

/** The first turn of an opened device: makes a new device durable and forgets records older than `keepForMs`. */
export function settleIn(draft: Draft, ledger: Ledger, environment: Environment, settings: Settings): void {
  const { token, keepForMs } = settings
  ledger.meta.update(draft, token === undefined ? {} : { token })
  const horizonAt = serverNow(ledger, environment) - keepForMs
  ledger.inbox.prune(draft, horizonAt)
  ledger.handedOver.prune(draft, horizonAt)
}

/** The server's time now as far as the device knows, epoch ms. */
export function serverNow({ meta }: Ledger, environment: Environment): number {
  return serverTimeAt(readClock(environment), meta.value.contacts)
}

/** A command made now, with the device's cursor as `seen`. */
export function author(
  { meta }: Ledger,
  environment: Environment,
  name: DeviceCommandName,
  input: unknown,
): MadeCommand {
  const at = readClock(environment)
  return { id: v7({ msecs: at.wall }), name, schema: SCHEMA_VERSION, input, at, seen: meta.value.cursor }
}
