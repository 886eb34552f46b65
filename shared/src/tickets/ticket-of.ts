/** Which ticket a command is about. Its input may be anything: the device may be of another version. */

/** Null where its input names none. */
export function ticketOf({ input }: { readonly input?: unknown }): string | null {
  if (typeof input !== 'object' || input === null || !('ticketId' in input)) return null
  return typeof input.ticketId === 'string' ? input.ticketId : null
}
