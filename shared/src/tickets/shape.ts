/** What a ticket's document is made of. */
import type { DocumentShape } from '../contract/kind.ts'

export const TICKET_SHAPE = {
  texts: ['description', 'notes'],
  lists: ['comments', 'work'],
} as const satisfies DocumentShape

export type TicketText = (typeof TICKET_SHAPE.texts)[number]
export type TicketList = (typeof TICKET_SHAPE.lists)[number]
