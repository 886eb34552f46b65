/** What a device tells of its commands: those that wait, those that are decided, and those that want attention. */
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { serverTimeAt } from './clock.ts'
import type { Ledger } from './ledger/ledger.ts'
import { asToday, type DecidedRecord, type Texts } from './ledger/records.ts'
import type { Session } from './sync/session.ts'

export interface PendingCommand {
  readonly id: string
  readonly name: string
  readonly input: unknown
  /** When it was made, epoch ms, by the server's clock as far as the device knows it. */
  readonly at: number
  /** `on-server`: handed to the present connection, and no verdict yet. */
  readonly state: 'on-device' | 'on-server'
}

export interface DecidedCommand extends Verdict {
  readonly name: string
}

export interface InboxItem extends DecidedCommand {
  readonly input: unknown
  /** Epoch ms, server time. */
  readonly decidedAt: number
  /** Of a text that the server did not take: the whole texts as their author saw them. */
  readonly text?: Texts
}

export function pendingOf({ outbox, meta }: Ledger, session: Session | null): PendingCommand[] {
  return outbox
    .all()
    .map(({ command }) => asToday(command))
    .map(({ id, name, input, at }) => ({
      id,
      name,
      input,
      at: serverTimeAt(at, meta.value.contacts),
      state: session?.inFlight.has(id) === true ? 'on-server' : 'on-device',
    }))
}

export function decidedOf({ command, verdict }: DecidedRecord): DecidedCommand {
  return { ...verdict, name: asToday(command).name }
}

export function itemOf(decided: DecidedRecord): InboxItem {
  const { command, verdict, decidedAt, text } = decided
  const isTextLost = text !== undefined && verdict.outcome !== 'adjusted'
  return { ...decidedOf(decided), input: asToday(command).input, decidedAt, ...(isTextLost && { text }) }
}
