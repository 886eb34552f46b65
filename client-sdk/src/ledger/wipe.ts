/**
 * Erases what the server has from the device: it says so of a person whose account is disabled, and of a device that was
 * revoked. What only the device has stays: the work that waits, and what was refused. The device then takes its documents anew, as after a misfit.
 */
import type { Draft } from './journal.ts'
import type { Ledger } from './ledger.ts'

export function wipe(draft: Draft, { meta, replica, handedOver, inbox }: Ledger): void {
  for (const ticketId of replica.ids()) replica.drop(draft, ticketId)
  for (const ticketId of handedOver.ids()) handedOver.remove(draft, ticketId)
  inbox.wipe(draft)
  meta.update(draft, { epoch: null, tag: null })
}
