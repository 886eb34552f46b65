/** Where a stored command is played again: what it needs to find, and what its author meant by it. */
import { v7 } from 'uuid'
import { expect } from 'vitest'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame, type Batch } from '@rejoin/shared/sync/wire.ts'
import { exchangeWith, type Command } from '../../doors/exchange.ts'
import { RawSocket } from '../../doors/socket.ts'
import type { Person, World } from '../../harness/world.ts'
import type { StoredCommand } from './fixtures.ts'

export interface Stage {
  readonly world: World
  readonly sam: Person
  readonly bob: Person
  readonly support: string
  readonly field: string
}

export async function setStage(world: World): Promise<Stage> {
  const [support, field] = [await world.department('support'), await world.department('field')]
  const sam = await world.person('sam', 'supervisor', ['support', 'field'])
  return { world, sam, bob: await world.person('bob', 'agent'), support, field }
}

/** The first answer to an exchange of a device that speaks `schema`, on a socket of its own. */
export async function say({ world, sam }: Stage, schema: number, commands: readonly Command[], device = v7()) {
  const socket = await RawSocket.open(world.url, '/sync', sam.token)
  socket.send(encodeFrame(exchangeWith(commands, device, schema), 'json'))
  await socket.until(() => socket.messages.length > 0)
  const [answer] = socket.messages
  await socket.close()
  return decodeFrame(ServerFrame, answer ?? '')
}

/** Plays a stored command of the version `schema`. The verdict, and the ticket before and after its author's wish. */
export async function play(stage: Stage, schema: number, stored: StoredCommand) {
  const { support, field, bob, sam } = stage
  const device = v7()
  const ticketId = await ticketFor(stage, stored.name)
  const parked = { id: v7(), name: 'ticket.reopen', input: { ticketId } }
  if (stored.name === 'parked.withdraw') await say(stage, schema, [parked], device)
  const ids = { $ticket: ticketId, $parked: parked.id, $support: support, $field: field, $bob: bob.id, $new: v7() }
  const command = { ...withIds(stored, ids), seen: EVERYTHING }
  const answer = await say(stage, schema, [command], device)
  const verdict = (answer as Batch).verdicts.at(0)
  return { verdict, ticket: await sam.api.tickets.get.query({ ticketId }), meant: meant(stage, stored) }
}

/** Its author has seen all that happened before. */
const EVERYTHING = 1_000_000

const RESOLVED = ['ticket.reopen', 'ticket.close']
const UNASSIGNED = ['ticket.claim', 'ticket.cancel']

/** The ticket that the command is about, as it has to find it; of one that is to be created, the id. */
async function ticketFor({ world, sam }: Stage, name: string): Promise<string> {
  if (name === 'ticket.create') return v7()
  const assignee = UNASSIGNED.includes(name) ? {} : { assignee: sam }
  const { id: ticketId } = await world.ticket({ tags: ['south'], ...assignee })
  if (name === 'ticket.unwatch') await sam.api.tickets.watch.mutate({ ticketId })
  if (RESOLVED.includes(name)) await sam.api.tickets.resolve.mutate({ ticketId, resolution: 'Done.' })
  return ticketId
}

function withIds(stored: StoredCommand, ids: Readonly<Record<string, string>>): StoredCommand {
  return JSON.parse(JSON.stringify(stored).replaceAll(/\$\w+/g, (name) => ids[name] ?? name)) as StoredCommand
}

/** What the ticket shows when the command has done what it was made for. */
function meant({ sam, bob, field }: Stage, { name, input }: StoredCommand): Record<string, unknown> {
  const effects: Record<string, Record<string, unknown>> = {
    'ticket.create': { title: input['title'], category: input['category'] ?? null, dueAt: input['dueAt'] ?? null },
    'ticket.edit': { title: 'Printer jams', priority: 'urgent', category: null, custom: { floor: 1 } },
    'ticket.claim': { assigneeId: sam.id },
    'ticket.assign': { assigneeId: bob.id },
    'ticket.unassign': { assigneeId: null },
    'ticket.move': { departmentId: field },
    'ticket.transition': { status: 'on_hold', statusReason: 'No part.' },
    'ticket.resolve': { status: 'resolved', resolution: 'New fuser.' },
    'ticket.reopen': { status: 'in_progress', reopenCount: 1 },
    'ticket.close': { status: 'closed' },
    'ticket.cancel': { status: 'cancelled', statusReason: 'Asked twice.' },
    'ticket.tag': { tags: ['north', 'south'] },
    'ticket.untag': { tags: [] },
    'ticket.watch': { watchers: expect.arrayContaining([{ userId: bob.id, reason: 'added' }]) },
    'ticket.unwatch': { watchers: expect.not.arrayContaining([expect.objectContaining({ userId: sam.id })]) },
    'comment.add': { comments: [{ body: 'Fuser ordered.', visibility: 'internal', authorId: sam.id }] },
    'work.log': { work: [{ minutes: input['minutes'], note: input['note'] ?? null, authorId: sam.id }] },
    'text.write': { notes: 'Ask at the gate \u{1F511}.' },
    'parked.withdraw': { status: 'open' },
  }
  const effect = effects[name]
  if (effect === undefined)
    throw new Error(`effects of tests/sync/versions/stage.ts says nothing of what a ticket shows after ${name}.`)
  return effect
}
