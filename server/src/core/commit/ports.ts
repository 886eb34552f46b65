/** The ports of the commit loop, its requests and its results. */
import type { Action, Actor } from '@rejoin/shared/access/access.ts'
import type { Contact, DeviceTime, EffectiveTime } from '@rejoin/shared/sync/time.ts'
import type { Outcome } from '@rejoin/shared/sync/verdicts.ts'
import type { Refusal } from '@rejoin/shared/errors.ts'
import type { Asked } from './asked.ts'
import type { AnyCommand, Reaction, Source } from '../command.ts'
import type { Damage } from '../storage/damage.ts'
import type { Damaged } from '../storage/damaged.ts'
import type { Database, Read, Tx } from '../storage/db.ts'
import type { Documents } from '../documents/documents.ts'
import type { Kinds } from '../documents/kinds.ts'
import type { Hub } from '../hub.ts'
import type { Log } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import type { Pace } from '../runtime/pace.ts'
import type { HashCost, Secrets } from '../secrets.ts'
import type { Workers } from '../runtime/workers/workers.ts'

export interface Ports {
  readonly db: Database
  readonly documents: Documents
  readonly hub: Hub
  readonly log: Log
  readonly metrics: Metrics
  readonly secrets: Secrets
  readonly hashCost: HashCost
  readonly workers: Workers
  /** Gives other work a turn in the middle of a batch: between its commands, and within a long command. */
  readonly pace: Pace
  readonly damage: Damage
  /**
   * The command that rebuilds a damaged document or clocks; its output says whether they are sound (`isSound`) then.
   */
  remedy(damaged: Damaged): { readonly command: AnyCommand; readonly input: unknown }
  now(): number
  /** Throws a `Refusal` that needs a sign-in if the person is unknown or disabled. */
  actor(read: Read, actorId: string): Actor
  readonly kinds: Kinds
  readonly reactions: readonly Reaction[]
  readonly ofDevices: DeviceRules
  /** Runs, in the same transaction, for each `{ commandId }` of a device that parks. */
  readonly whenParked: AnyCommand
}

/** The device that a command came from, and what its frame says of the command: plain data. */
export interface Origin {
  readonly deviceId: string
  readonly seen: number
  readonly isProven: boolean
  /** The document that the command names; null where it names none. */
  readonly subjectId: string | null
  /** The ids under which the device has sent its work. */
  readonly incarnations: readonly string[]
  /** Commands of the device that it builds on: by the device's word, else those before it in its exchange. */
  readonly basis: readonly string[]
  readonly made: Made
}

/** When it was made: by the clocks of the device, or, of work decided before a restore, when it counted then. */
export type Made =
  | {
      readonly by: 'clocks'
      readonly at: DeviceTime
      readonly sent: DeviceTime
      readonly contacts: readonly Contact[]
      readonly receivedAt: number
    }
  | { readonly by: 'verdict'; readonly effectiveAt: number; readonly receivedAt: number; readonly lostAfter: number }

/** The rules for work that a device brings, asked in the transaction of the command. */
export interface DeviceRules {
  /** The earlier commands that it builds on and that did not go through, with the refusal that says so; or null. */
  waitsFor(tx: Tx, origin: Origin, command: Asked): Wait | null
  effectiveTime(tx: Tx, origin: Origin): EffectiveTime
}

export interface Wait {
  readonly ids: readonly string[]
  readonly refusal: Refusal
}

/** One of several commands that are judged as one. */
export interface Member {
  readonly command: AnyCommand
  readonly input: unknown
  readonly request: Request
}

export interface Request {
  readonly actorId: string
  /** With an id the verdict is stored and a repeat is answered from it. */
  readonly id?: string | undefined
  readonly origin?: Origin
  /** The command as it was sent, if it was upcast to today's schemas before it runs; null if unknown. */
  readonly sent?: Asked | null
  readonly source?: Source | undefined
  /** The actions to which the caller is limited. */
  readonly scopes?: readonly Action[] | undefined
  /** Names the commands that are judged as one with it. */
  readonly groupId?: string | undefined
  /** For imported history: when it happened. */
  readonly effectiveAt?: number
}

export interface Done<Output> {
  readonly outcome: Outcome
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly hint?: string | undefined
  /** Absent unless applied or adjusted. */
  readonly output?: Output
}
