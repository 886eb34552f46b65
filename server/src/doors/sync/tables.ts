/** The tables of the device door. */
import type { Generated } from 'kysely'

export interface DeviceTable {
  id: string
  userId: string
  /** The incarnation of its store; 0 for a device that never counted its greetings. */
  incarnation: number
  /** Its id in the incarnation before this one. */
  formerId: string | null
  /** Its last greeting, as of the last contact that was written down. */
  greetingCount: Generated<number>
  greetingMark: Generated<number>
  /** The name that its person gave it. */
  name: string | null
  revokedAt: number | null
  revokedBy: string | null
  createdAt: number
  lastSeenAt: number
  cursor: number
  /** Server time minus the device's wall clock, at the last contact. */
  skewMs: number
  /** When the oldest command of the last exchange was made, by the device's clock corrected for skew. */
  oldestPendingAt: number | null
  /** None of its outstanding work was made before this position: it was there when all its earlier work was here. */
  seenFrom: Generated<number>
  /** It has no proof for its claims of having seen anything before this position. */
  provenFrom: Generated<number>
}

/** The work that came back from one device after a restore, in one run of the server. */
export interface RecoveryTable {
  /** The Yjs client id of that start. */
  serverStart: number
  deviceId: string
  userId: string
  /** The newest position that the device and the restored database had in common; 0: none. */
  since: number
  /** Commands offered again: those judged anew, by outcome, and those that were not lost. */
  offered: number
  recovered: number
  parked: number
  refused: number
  beganAt: number
  finishedAt: number | null
}

declare module '../../core/storage/db.ts' {
  interface Tables {
    device: DeviceTable
    recovery: RecoveryTable
  }
}
