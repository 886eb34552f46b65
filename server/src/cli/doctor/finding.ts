/** What a look at something found: nothing, or what, how bad it is, and what to do. */

export type Severity = 'ok' | 'note' | 'warning' | 'error'

export interface Finding {
  /** What was looked at. */
  readonly check: string
  readonly severity: Severity
  /** In a sentence. */
  readonly message: string
  /** What to do; undefined where there is nothing to do. */
  readonly hint?: string
  /** What `--fix` does about it; it loses nothing. */
  readonly fix?: Fix
}

export type Fix =
  | { readonly kind: 'rebuild'; readonly ticketIds: readonly string[] }
  | { readonly kind: 'mend-clocks'; readonly ticketIds: readonly string[] }
  | { readonly kind: 'close-to-others'; readonly path: string; readonly mode: number }
  | { readonly kind: 'clear-ahead' }
  | { readonly kind: 'remove'; readonly path: string }

export function fine(check: string, message: string): Finding {
  return { check, severity: 'ok', message }
}
