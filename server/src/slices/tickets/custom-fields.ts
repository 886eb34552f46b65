/** The custom fields of a ticket as its row keeps them: JSON within a budget. */
import { assertWithin, byteLength, CUSTOM_FIELDS_BYTES } from '@rejoin/shared/budgets.ts'
import type { CustomFields } from '@rejoin/shared/tickets/ticket.ts'

/** Takes over `changes`. Throws `Refusal('too-large')` where they make too much of the fields. */
export function customText(fields: CustomFields, changes: CustomFields): string {
  const text = JSON.stringify({ ...fields, ...changes })
  const [size, before] = [byteLength(text), byteLength(JSON.stringify(fields))]
  const budget = { size, max: Math.max(CUSTOM_FIELDS_BYTES, before), unit: 'bytes of JSON' }
  assertWithin('custom', budget, 'Shorten or empty a field, or attach a file.')
  return text
}
