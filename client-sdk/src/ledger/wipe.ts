/**
 * Erases from the device everything that the server has too; the server asks for it when a person's account is disabled
 * or a device revoked. Work that only the device has stays: waiting commands, and refused ones. The device then takes
 * its documents again, as after a misfit.
 */
import type { Draft } from './journal.ts'
import type { Ledger } from './ledger.ts'

export function wipe(draft: Draft, { meta, replica, handedOver, inbox }: Ledger): void {
  for (const ticketId of replica.ids()) replica.drop(draft, ticketId)
  for (const ticketId of handedOver.ids()) handedOver.remove(draft, ticketId)
  inbox.wipe(draft)
  meta.update(draft, { epoch: null, tag: null })
}
