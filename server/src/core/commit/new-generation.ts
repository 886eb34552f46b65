/** Commands that put a new document of the same content in the place of one, whatever that is like on the disk. */
import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { leaseClient } from '../documents/leases.ts'
import { command } from '../command.ts'

const MAX_CLIENT_ID = 2 ** 32 - 1
const Generation = z.object({ documentId: Id, clientId: z.int() })

export const rebuildDocument = command({
  name: 'document.rebuild',
  input: Generation,
  room: 'any',
  async run(context, { documentId, clientId }) {
    leaseClient(context, clientId)
    return { isSound: await context.rebuild(documentId, clientId) }
  },
})

/** Rebuilds a document that is damaged. Somebody else may have had that done since it was found. */
export const healDocument = command({
  name: 'document.heal',
  input: Generation,
  room: 'any',
  async run(context, { documentId, clientId }) {
    if (context.isSound(documentId)) return { isSound: true }
    leaseClient(context, clientId)
    return { isSound: await context.rebuild(documentId, clientId) }
  },
})

/** The input of both. The client id is one that nobody has used. */
export function newGeneration(documentId: string): { documentId: string; clientId: number } {
  return { documentId, clientId: randomInt(1, MAX_CLIENT_ID) }
}
