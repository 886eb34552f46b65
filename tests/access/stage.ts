/** One person of each role, and tickets to which they stand in exactly one way. */
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import type { DeviceCommandName } from '@rejoin/shared/commands.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import { startWorld, type Person, type World, type WorldOptions } from '../harness/world.ts'
import type { CHANGES, Relation } from './table.ts'

export type Change = keyof typeof CHANGES

export interface Stage {
  readonly world: World
  readonly people: Readonly<Record<Role, Person>>
  /** Their department, and one that none of them belongs to. */
  readonly home: string
  readonly away: string
  /** An agent of their department, one of the other, and somebody else who asks. */
  readonly colleague: Person
  readonly stranger: Person
  readonly other: Person
}

export async function setStage(options: WorldOptions = {}): Promise<Stage> {
  const world = await startWorld(options)
  const [home, away] = [await world.department('support'), await world.department('depot')]
  return {
    world,
    home,
    away,
    people: {
      requester: await memberWhoAsks(world, home),
      agent: await world.person('ada', 'agent'),
      supervisor: await world.person('sue', 'supervisor'),
      admin: await world.person('adam', 'admin', []),
    },
    colleague: await world.person('bob', 'agent'),
    stranger: await world.person('eve', 'agent', ['depot']),
    other: await world.person('otto', 'requester'),
  }
}

/** A requester who is in a department, which must give them nothing. */
async function memberWhoAsks(world: World, department: string): Promise<Person> {
  const desk = await world.desk()
  const account = { name: 'rita', email: 'rita@example.com', password: 'correct horse battery' }
  await desk.api.accounts.createUser.mutate({ ...account, role: 'requester', departments: [department] })
  const { output } = await connectApi(world.url).accounts.logIn.mutate(account)
  const { userId: id, token } = output
  return { id, name: account.name, role: 'requester', token, api: connectApi(world.url, token) }
}

/** A ticket to which `person` stands as `relation` says, and in no other way; resolved where asked and possible. */
export async function ticketFor(
  { world, home, away, colleague, other }: Stage,
  person: Person,
  relation: Relation,
  { resolved = false } = {},
): Promise<string> {
  const desk = await world.desk()
  const departmentId = relation === 'queue' || relation === 'department' ? home : away
  const requesterId = relation === 'own' ? person.id : other.id
  const { id: ticketId } = await world.ticket({ departmentId, requesterId, tags: ['paper'] })
  if (relation === 'assigned') await desk.api.tickets.assign.mutate({ ticketId, agentId: person.id })
  if (relation === 'department') await desk.api.tickets.assign.mutate({ ticketId, agentId: colleague.id })
  if (relation === 'watched') await desk.api.tickets.watch.mutate({ ticketId, userId: person.id })
  // The queue holds no resolved tickets.
  if (resolved && relation !== 'queue') await desk.api.tickets.resolve.mutate({ ticketId, resolution: 'Done.' })
  return ticketId
}

interface Spoken {
  readonly name: DeviceCommandName
  readonly input: (stage: Stage) => Readonly<Record<string, unknown>>
}

/** Each change as the command that asks for it. */
export const SPOKEN: Readonly<Record<Change, Spoken>> = {
  'ticket.edit': { name: 'ticket.edit', input: () => ({ set: { title: 'Plotter' } }) },
  'text.write': { name: 'text.write', input: () => ({ update: typed('It hums.') }) },
  'ticket.tag': { name: 'ticket.tag', input: () => ({ tag: 'toner' }) },
  'ticket.untag': { name: 'ticket.untag', input: () => ({ tag: 'paper' }) },
  'ticket.claim': { name: 'ticket.claim', input: () => ({}) },
  'ticket.assign': { name: 'ticket.assign', input: ({ stranger }) => ({ agentId: stranger.id }) },
  'ticket.unassign': { name: 'ticket.unassign', input: () => ({}) },
  'ticket.move': { name: 'ticket.move', input: ({ home }) => ({ departmentId: home }) },
  'ticket.transition': { name: 'ticket.transition', input: () => ({ to: 'in_progress' }) },
  'ticket.resolve': { name: 'ticket.resolve', input: () => ({ resolution: 'New fuser' }) },
  'ticket.reopen': { name: 'ticket.reopen', input: () => ({}) },
  'ticket.close': { name: 'ticket.close', input: () => ({}) },
  'ticket.cancel': { name: 'ticket.cancel', input: () => ({}) },
  'ticket.watch': { name: 'ticket.watch', input: () => ({}) },
  'ticket.unwatch': { name: 'ticket.unwatch', input: () => ({}) },
  'watch for others': { name: 'ticket.watch', input: ({ stranger }) => ({ userId: stranger.id }) },
  'public comment': {
    name: 'comment.add',
    input: () => ({ commentId: v7(), body: 'Have you tried paper?', visibility: 'public' }),
  },
  'internal comment': {
    name: 'comment.add',
    input: () => ({ commentId: v7(), body: 'They have not.', visibility: 'internal' }),
  },
  'work.log': { name: 'work.log', input: () => ({ workId: v7(), minutes: 15 }) },
}

export function needsResolved(change: Change): boolean {
  return change === 'ticket.reopen' || change === 'ticket.close'
}

/** Answers that somebody with the right may get where the ticket does not allow the change. */
const BEYOND_RIGHTS: Partial<Record<Change, string>> = {
  'ticket.claim': 'already-assigned',
  'ticket.reopen': 'no-path',
  'ticket.close': 'no-path',
}

/** The letter of the table that an answer stands for: its code where the table has none. */
export function letterOf(change: Change | null, code: string | null): string {
  if (code === null || (change !== null && BEYOND_RIGHTS[change] === code)) return 'y'
  if (code === 'forbidden') return 'f'
  return code === 'not-found' ? 'n' : `?${code}`
}

function typed(text: string): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('description').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}
