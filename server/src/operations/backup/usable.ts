/** Whether the settings of backups are usable: checked when a server starts, rather than at night. */

interface Settings {
  readonly backup: { readonly recipient: string | null }
}

/** Throws `Refusal` if the recipient is no public key. */
export async function mustBeUsable({ backup: { recipient } }: Settings): Promise<void> {
  if (recipient === null) return
  // A server that encrypts nothing is smaller without the library.
  const { mustBePublicKey } = await import('./encryption.ts')
  mustBePublicKey(recipient)
}
