/** Compares what devices hold with the server: which tickets, and each of them field by field. */
import type { Api } from '@rejoin/client-sdk/api.ts'
import { mustMatch } from './checks.ts'
import type { FieldDevice } from './field-device.ts'

/** Few enough that the address of one batched request stays short. */
const AT_ONCE = 20

/** Throws `DoesNotHold` at the first difference. Returns how many replicas were compared. */
export async function compareReplicas(admin: Api, fields: readonly FieldDevice[]): Promise<number> {
  const open = await openTickets(admin)
  const expected = fields.map(({ person }) => open.filter((ticket) => isFor(person, ticket)).map(({ id }) => id))
  fields.forEach(({ person, device }, index) => {
    mustMatch(`${person.name} holds exactly their tickets`, device.held().toSorted(), expected[index]?.toSorted())
  })
  const server = await ticketsById(admin, [...new Set(expected.flat())])
  for (const { person, device } of fields) {
    for (const id of device.held()) {
      const ticket = server.get(id)
      mustMatch(`${person.name}'s replica of ${ticket?.number} equals the server`, device.replica(id), ticket)
    }
  }
  return expected.flat().length
}

type Ticket = Omit<Awaited<ReturnType<Api['tickets']['get']['query']>>, 'older'>
type Summary = Awaited<ReturnType<Api['tickets']['list']['query']>>['tickets'][number]

/** What a device carries, said once more in the words of the product: own work, the queue, a supervisor's departments. */
function isFor({ id, role, departments }: FieldDevice['person'], { assigneeId, departmentId }: Summary): boolean {
  if (assigneeId === id) return true
  const isInDepartment = departmentId !== null && departments.includes(departmentId)
  return isInDepartment && (role === 'supervisor' || assigneeId === null)
}

async function openTickets(admin: Api): Promise<Summary[]> {
  const all = await allTickets(admin)
  return all.filter(({ status }) => !['resolved', 'closed', 'cancelled'].includes(status))
}

/** Every ticket of the workspace, oldest first. */
export async function allTickets(admin: Api): Promise<Summary[]> {
  const all: Summary[] = []
  for (let after: { value: number; id: string } | undefined; ;) {
    const page = await admin.tickets.list.query({ order: 'asc', limit: 200, ...(after && { after }) })
    all.push(...page.tickets)
    if (page.next === null) return all
    after = page.next
  }
}

export async function ticketsById(admin: Api, ids: readonly string[]): Promise<Map<string, Ticket>> {
  const tickets = new Map<string, Ticket>()
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const some = ids.slice(start, start + AT_ONCE)
    for (const ticket of await Promise.all(some.map((ticketId) => wholeTicket(admin, ticketId)))) {
      tickets.set(ticket.id, ticket)
    }
  }
  return tickets
}

/** The ticket with all that hangs on it, which comes page by page. */
async function wholeTicket(admin: Api, ticketId: string): Promise<Ticket> {
  const { older, ...ticket } = await admin.tickets.get.query({ ticketId })
  const { comments, work } = ticket
  for (let before = older.comments; before !== null;) {
    const page = await admin.tickets.comments.query({ ticketId, before })
    comments.unshift(...page.items)
    before = page.next
  }
  for (let before = older.work; before !== null;) {
    const page = await admin.tickets.work.query({ ticketId, before })
    work.unshift(...page.items)
    before = page.next
  }
  return { ...ticket, comments, work }
}
