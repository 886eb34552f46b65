/** Whether backups can be made by the settings: found when a server starts, rather than at night. */

interface Settings {
  readonly backup: { readonly recipient: string | null }
}

/** Throws `Refusal` for a public key that is none. */
export async function mustBeUsable({ backup: { recipient } }: Settings): Promise<void> {
  if (recipient === null) return
  // A server that encrypts nothing is smaller without the library.
  const { mustBePublicKey } = await import('./encryption.ts')
  mustBePublicKey(recipient)
}
