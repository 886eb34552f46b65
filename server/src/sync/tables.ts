export interface DeviceTable {
  id: string
  userId: string
  incarnation: number
  createdAt: number
  lastSeenAt: number
  cursor: number
  /** Server time minus the device's wall clock, at the last contact. */
  skewMs: number
  /** When the oldest command of the last exchange was made, by the device's clock corrected for skew. */
  oldestPendingAt: number | null
}

declare module '../core/db.ts' {
  interface Tables {
    device: DeviceTable
  }
}
