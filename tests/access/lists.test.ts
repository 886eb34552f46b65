/** One rule, for one ticket and for all of them: `relationsOf` in memory, `permitted` in SQL, the keys of devices. */
import * as fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { isOpen } from '@rejoin/shared/statuses.ts'
import { ACCESS, may, relationsOf, Role, type Action, type Actor, type Grants } from '@rejoin/shared/access/access.ts'
import { scopeKeysOf } from '@rejoin/shared/access/audience.ts'
import { getActor } from '@rejoin/server/slices/accounts/queries.ts'
import type { App } from '@rejoin/server/app.ts'
import { keysAt } from '@rejoin/server/core/documents/audience.ts'
import { getTicket, permitted, type TicketRow } from '@rejoin/server/slices/tickets/queries.ts'
import { headSeq } from '../doors/database.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const DEPARTMENTS = ['support', 'depot', 'lab']
const ENDS = ['open', 'in_progress', 'waiting_customer', 'resolved', 'closed', 'cancelled'] as const

/** Rows laid over the table, for people whose role is a custom one. */
const CUSTOM: readonly { readonly base: Role; readonly grants: Grants }[] = [
  { base: 'agent', grants: { 'ticket.read': ['any'], 'ticket.edit': ['department'], 'ticket.resolve': [] } },
  { base: 'agent', grants: { 'ticket.replicate': ['assigned'], 'ticket.claim': ['any'], 'work.log': ['queue'] } },
  { base: 'requester', grants: { 'ticket.reopen': [], 'ticket.watch': [] } },
  { base: 'supervisor', grants: { 'ticket.replicate': [], 'ticket.assign': ['any'], 'user.approve': [] } },
  {
    base: 'admin',
    grants: { 'ticket.read': ['own', 'department'], 'ticket.read-internal': [], 'ticket.replicate': [] },
  },
]

const person = fc.record({
  role: fc.constantFrom(...Role.options),
  custom: fc.option(fc.constantFrom(...CUSTOM)),
  memberOf: fc.subarray(DEPARTMENTS),
})

const scene = fc.record({
  people: fc.array(person, { minLength: 2, maxLength: 4 }),
  tickets: fc.array(
    fc.record({
      department: fc.constantFrom(...DEPARTMENTS),
      requester: fc.nat(),
      assignee: fc.option(fc.nat()),
      watchers: fc.array(fc.nat(), { maxLength: 2 }),
      end: fc.constantFrom(...ENDS),
    }),
    { minLength: 2, maxLength: 5 },
  ),
})
type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('there is nothing to pick from')
  return item
}

async function play(world: World, { people, tickets }: Scene): Promise<Person[]> {
  const cast: Person[] = []
  const { api } = await world.desk()
  for (const { role, custom, memberOf } of people) {
    const hired = await world.person(`p-${v7()}`, custom?.base ?? role, memberOf)
    if (custom !== null) await giveRole(world, hired, custom)
    cast.push(hired)
  }
  const staff = cast.filter(({ role }) => role !== 'requester')
  for (const { department, requester, assignee, watchers, end } of tickets) {
    const departmentId = await world.department(department)
    const { id: ticketId } = await world.ticket({ departmentId, requesterId: pick(cast, requester).id })
    if (assignee !== null && staff.length > 0) {
      await api.tickets.assign.mutate({ ticketId, agentId: pick(staff, assignee).id })
    }
    for (const watcher of watchers) await api.tickets.watch.mutate({ ticketId, userId: pick(cast, watcher).id })
    if (end === 'cancelled') await api.tickets.cancel.mutate({ ticketId })
    if (end === 'in_progress' || end === 'waiting_customer') {
      await api.tickets.transition.mutate({ ticketId, to: end, reason: 'Asked.' })
    }
    if (end === 'resolved' || end === 'closed') await api.tickets.resolve.mutate({ ticketId, resolution: 'Done.' })
    if (end === 'closed') await api.tickets.close.mutate({ ticketId })
  }
  return cast
}

async function giveRole(
  world: World,
  { id: userId }: Person,
  { base, grants }: (typeof CUSTOM)[number],
): Promise<void> {
  const { roles, setRole } = (await world.desk()).api.accounts
  const { output } = await roles.create.mutate({ name: v7(), base, grants: structuredClone(grants) as never })
  await setRole.mutate({ userId, customRoleId: output.customRoleId })
}

async function everyTicket({ read }: App): Promise<TicketRow[]> {
  const rows = await read.selectFrom('ticket').select('id').execute()
  return rows.map(({ id }) => getTicket(read, id))
}

async function listed({ read }: App, actor: Actor, action: Action): Promise<string[]> {
  const rows = await read.selectFrom('ticket').select('ticket.id').where(permitted(actor, action)).execute()
  return rows.map(({ id }) => id).toSorted()
}

async function inScope({ read }: App, actor: Actor, tickets: readonly TicketRow[], seq: number): Promise<string[]> {
  const keys = await Promise.all(tickets.map(({ id }) => keysAt(read, id, scopeKeysOf(actor), seq)))
  return tickets
    .filter((_, index) => keys[index]?.length !== 0)
    .map(({ id }) => id)
    .toSorted()
}

it('lists, by SQL and by device, exactly the tickets on which the person may act', async () => {
  await using world = await startWorld()
  await fc.assert(
    fc.asyncProperty(scene, async (script) => {
      const cast = await play(world, script)
      const tickets = await everyTicket(world.app)
      for (const { id } of cast) {
        const actor = getActor(world.app.read, id)
        const allowed = (action: Action) => tickets.filter((each) => may(actor, action, relationsOf(actor, each)))
        for (const action of Object.keys(ACCESS) as Action[]) {
          const expected = allowed(action).map((ticket) => ticket.id)
          expect(
            await listed(world.app, actor, action),
            `${actor.role} ${JSON.stringify(actor.customRole)} ${action}`,
          ).toEqual(expected.toSorted())
        }
        const carried = allowed('ticket.replicate').filter(({ status }) => isOpen(status))
        const scope = await inScope(world.app, actor, tickets, await headSeq(world.app))
        expect(scope, `the device of the ${actor.role}`).toEqual(carried.map((ticket) => ticket.id).toSorted())
      }
    }),
    { seed: 20_260_302, numRuns: 25 },
  )
})
