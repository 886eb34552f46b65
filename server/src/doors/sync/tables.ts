/** The tables of the device door. */
import type { Generated } from 'kysely'

export interface DeviceTable {
  id: string
  userId: string
  /** Which life of its store this is; 0 of one that never said how often it came. */
  incarnation: number
  /** The id of its life before this one. */
  formerId: string | null
  /** Its last greeting, as of the last contact that was written down. */
  greetingCount: Generated<number>
  greetingMark: Generated<number>
  /** What its person calls it. */
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
  /** Nothing that it brings was made before this place: it stood there, and all that it had done before was here. */
  seenFrom: Generated<number>
  /** What it says that its person has seen of before this place, it cannot show. */
  provenFrom: Generated<number>
}

/** What came back from one device after a restore, in one run of the server. */
export interface RecoveryTable {
  /** The Yjs client id of that start. */
  serverStart: number
  deviceId: string
  userId: string
  /** The newest place that the device and the restored database had in common; 0: none. */
  since: number
  /** Commands offered again: those judged anew, by what became of them, and those that were not lost. */
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
