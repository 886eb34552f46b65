export interface ApiTokenTable {
  /** SHA-256 of the token, in hex. */
  id: string
  userId: string
  name: string
  /** JSON: the actions that it may do, as far as its owner may. */
  scopes: string
  createdAt: number
  expiresAt: number
  /** When and from where it was last used, to within a few minutes. */
  lastSeenAt: number | null
  address: string | null
  userAgent: string | null
}

declare module '../../../core/storage/db.ts' {
  interface Tables {
    apiToken: ApiTokenTable
  }
}
