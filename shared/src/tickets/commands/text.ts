/** Writing into the texts of a ticket's document. */
import { z } from 'zod'
import { ADDS } from '../../contract/on-device.ts'
import { declare, OnTicket } from './on-ticket.ts'

/** A Yjs update (v1) as bytes; base64 where a frame is JSON. */
export const Update = z.union([
  z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'is neither bytes nor base64'),
  z.base64().transform((text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))),
])

export const writeText = declare({
  name: 'text.write',
  input: OnTicket.extend({ update: Update }),
  output: z.void(),
  action: 'ticket.write-text',
  codes: ['conflict', 'malformed-text', 'missing-dependencies', 'forged-author', 'too-large'],
  buildsOn: ADDS,
  // The device has edited the document itself.
  predict: null,
  rest: null,
  answer: 'tickets.get',
  doc: 'Applies a Yjs update that touches only the texts of the document: `description` and `notes`.',
})
