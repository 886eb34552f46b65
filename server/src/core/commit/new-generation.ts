/** Commands that replace a document by a new one of the same content, even if it is damaged on the disk. */
import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { Id } from '@rejoin/shared/values.ts'
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

/** Rebuilds a damaged document, unless another command has rebuilt it since the damage was found. */
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

/** The input of both commands, with a random client id, which nobody has used. */
export function newGeneration(documentId: string): { documentId: string; clientId: number } {
  return { documentId, clientId: randomInt(1, MAX_CLIENT_ID) }
}
