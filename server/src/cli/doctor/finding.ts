/** The finding of a check: fine, or a problem, its severity, and a hint. */

export type Severity = 'ok' | 'note' | 'warning' | 'error'

export interface Finding {
  /** The name of the check. */
  readonly check: string
  readonly severity: Severity
  /** In a sentence. */
  readonly message: string
  /** The advice to the operator; undefined if there is nothing to do. */
  readonly hint?: string
  /** The fix that `--fix` applies; it loses nothing. */
  readonly fix?: Fix
}

export type Fix =
  | { readonly kind: 'rebuild'; readonly ids: readonly string[] }
  | { readonly kind: 'mend-clocks'; readonly ids: readonly string[] }
  | { readonly kind: 'close-to-others'; readonly path: string; readonly mode: number }
  | { readonly kind: 'clear-ahead' }
  | { readonly kind: 'remove'; readonly path: string }

export function fine(check: string, message: string): Finding {
  return { check, severity: 'ok', message }
}
