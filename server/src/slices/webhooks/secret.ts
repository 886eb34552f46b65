/**
 * The key in a secret of webhooks. As Standard Webhooks has it: base64 after `whsec_`. Any other secret is its own key.
 */

const PREFIX = 'whsec_'
/** Standard Webhooks wants 24 to 64 bytes. */
const [MIN_BYTES, MAX_BYTES] = [24, 64]

export function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret)
}

/** The fault of a secret, as the end of a sentence; null when there is none. */
export function secretFault(secret: string): string | null {
  const key = keyOf(secret)
  if (!secret.startsWith(PREFIX)) return key.length < MIN_BYTES ? 'must have at least 24 characters' : null
  const isWhole = /^[A-Za-z0-9+/]+={0,2}$/.test(secret.slice(PREFIX.length))
  if (isWhole && key.length >= MIN_BYTES && key.length <= MAX_BYTES) return null
  return `must have base64 of ${MIN_BYTES} to ${MAX_BYTES} bytes after ${PREFIX}`
}
