/** A call of an address elsewhere: `body` as JSON, signed. */
export interface Webhook {
  readonly url: string
  readonly body: Readonly<Record<string, unknown>>
}

declare module '../../core/storage/db.ts' {
  interface Messages {
    webhook: Webhook
  }
}
