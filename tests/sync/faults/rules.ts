/**
 * The verdicts that the rules allow, one command after the other, in the order in which the server judged: an accepted
 * command must have been possible, and a refused one must not have been owed acceptance.
 */
import { byteLength, DOCUMENT_BYTES } from '@rejoin/shared/budgets.ts'
import { DEVICE_COMMANDS, isDeviceCommand } from '@rejoin/shared/commands.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import { canBecome, canTransition, isOpen, needsReason } from '@rejoin/shared/statuses.ts'
import { DECISIONS, Violation } from './book.ts'
import { EFFECTS } from './effects.ts'
import type { Member } from './office.ts'
import { count, owns, type Case, type Input, type Judged, type Model, type ModelTicket } from './model.ts'

/** Takes the next command in the order of judgement. Throws `Violation` for a verdict that the rules do not allow. */
export function judge(model: Model, judged: Judged): void {
  const { name, verdict, actor } = judged
  if (DECISIONS.has(name)) return
  if (name === 'user.set-role' || name === 'user.set-departments') {
    setRights(model, judged)
    return
  }
  if (!isDeviceCommand(name)) throw new Violation('rules', `nobody sends ${name}`)
  if (verdict.code === 'internal') throw wrong(judged, 'nothing a person sends is a bug of theirs')
  const parsed = DEVICE_COMMANDS[name].input.safeParse(judged.input)
  const isAccepted = verdict.outcome === 'applied' || verdict.outcome === 'adjusted'
  if (!parsed.success) {
    if (isAccepted) throw wrong(judged, 'its input is not valid')
    return
  }
  const input = parsed.data as unknown as Input
  const ticket = model.tickets.get(input.ticketId)
  if (name === 'ticket.create') {
    create(model, judged, input, isAccepted)
    return
  }
  if (ticket === undefined) {
    if (isAccepted) throw wrong(judged, 'there is no such ticket')
    return
  }
  const each = { model, ticket, input, actor, code: verdict.code }
  if (verdict.code === 'too-large' && !mayBeTooLarge(name, each)) throw wrong(judged, 'there is room for it')
  if (isAccepted) {
    accept(judged, each)
    if (ticket.bytes !== null) ticket.bytes += sizeOf(judged.input)
  } else if (verdict.code === 'too-large') return
  else if (!judged.isDecidedLater && !isWaitingForOther(judged) && mustAccept(name, each))
    throw wrong(judged, `it had to be accepted on a ticket ${describe(ticket)}`)
}

/** By an administrator; departments also by a supervisor, for people and departments among theirs. */
function setRights(model: Model, judged: Judged): void {
  const { verdict, actor } = judged
  const isAccepted = verdict.outcome === 'applied' || verdict.outcome === 'adjusted'
  const { userId, ...rights } = rightsIn(judged.input)
  const person = model.people.get(userId)
  const isTheirs = person !== undefined && decidesAbout(actor, person, rights.departments)
  if (isAccepted !== (actor.role === 'admin' || isTheirs)) throw wrong(judged, `its author is ${actor.role}`)
  if (!isAccepted || person === undefined) return
  model.people.set(userId, { ...person, ...rights })
  if (rights.role === 'requester') giveBack(model, userId)
}

interface NewRights {
  readonly userId: string
  readonly role?: Role
  readonly departments?: string[]
}

/** The only custom role may do all that its base may, and more. */
function rightsIn(input: unknown): NewRights {
  const { customRoleId, ...rights } = input as NewRights & { customRoleId?: string }
  return customRoleId === undefined ? rights : { ...rights, role: 'agent' }
}

function decidesAbout(actor: Member, person: Member, departments: readonly string[] | undefined): boolean {
  if (actor.role !== 'supervisor' || person.id === actor.id || person.role === 'admin') return false
  if (departments === undefined || !person.departments.some((id) => actor.departments.includes(id))) return false
  const left = person.departments.filter((id) => !departments.includes(id))
  const entered = departments.filter((id) => !person.departments.includes(id))
  return [...left, ...entered].every((id) => actor.departments.includes(id))
}

/** A person who does no more work has no open tickets. */
function giveBack(model: Model, userId: string): void {
  for (const ticket of model.tickets.values()) {
    if (ticket.assigneeId !== userId || !isOpen(ticket.status)) continue
    ticket.assigneeId = null
    count(model, 'ticket-unassigned')
  }
}

function create(model: Model, judged: Judged, input: Input, isAccepted: boolean): void {
  const isPossible = model.departments.includes(input.departmentId) && !model.tickets.has(input.ticketId)
  if (isAccepted !== isPossible) throw wrong(judged, isPossible ? 'nothing was wrong with it' : 'it cannot be')
  if (!isAccepted) return
  count(model, 'ticket-created')
  model.tickets.set(input.ticketId, {
    status: 'open',
    assigneeId: null,
    departmentId: input.departmentId,
    requesterId: input.requesterId ?? judged.actor.id,
    title: input.title,
    priority: input.priority,
    reopenCount: 0,
    tags: new Set(),
    watchers: new Set(),
    comments: new Set(),
    notes: 0,
    work: new Set(),
    typed: new Set(),
    bytes: model.overfull.has(input.ticketId) ? null : 0,
  })
}

function accept(judged: Judged, each: Case): void {
  const before = describe(each.ticket)
  if (EFFECTS[judged.name]?.(each) !== true) throw wrong(judged, `it cannot be accepted on a ticket ${before}`)
}

/** A group shares its fate. A move waits with an earlier one of its device that did not pass; additions never do. */
function isWaitingForOther({ name, device, group, verdict }: Judged): boolean {
  if (group !== null && verdict.code === 'group') return true
  return device !== null && verdict.code === 'depends' && !['comment.add', 'work.log'].includes(name)
}

/** Whether a command has to be accepted after any history: the author is the assignee, or runs the office. */
function mustAccept(name: string, each: Case): boolean {
  const { ticket, input, actor } = each
  const isInCharge = owns(each) || actor.role === 'admin'
  const asked = ticket.requesterId === actor.id
  const isQueued =
    ticket.assigneeId === null && isOpen(ticket.status) && actor.departments.includes(ticket.departmentId)
  if (name === 'comment.add') return isInCharge || (asked && input.visibility === 'public')
  if (name === 'ticket.claim') return actor.role === 'agent' && isQueued
  if (name === 'ticket.close') return (isInCharge || asked) && canBecome(ticket.status, 'closed')
  if (name === 'ticket.cancel') return (isInCharge || asked) && canBecome(ticket.status, 'cancelled')
  if (name === 'ticket.reopen') return (isInCharge || asked) && ticket.status === 'resolved'
  if (name === 'ticket.resolve') return isInCharge && canBecome(ticket.status, 'resolved')
  if (name === 'ticket.edit') return isInCharge && input.set.title !== undefined
  if (name === 'ticket.transition') {
    const hasReason = !needsReason(input.to) || input.reason !== undefined
    return isInCharge && canTransition(ticket.status, input.to) && hasReason
  }
  return isInCharge && ['work.log', 'ticket.tag', 'ticket.untag'].includes(name)
}

/** A command that ends work or hands it on is never too large; one that adds is where the ticket is nearly full. */
function mayBeTooLarge(name: string, { ticket, input }: Case): boolean {
  if (name === 'text.write' || input.set?.description !== undefined) return true
  if (!ADDING.has(name)) return false
  return ticket.bytes === null || ticket.bytes + sizeOf(input) > NEARLY_FULL * DOCUMENT_BYTES
}

const ADDING = new Set(['comment.add', 'work.log', 'ticket.edit', 'ticket.tag', 'ticket.watch'])
/** A share of a document's budget; the rest goes to the structure around the content. */
const NEARLY_FULL = 0.8

function sizeOf(input: unknown): number {
  return byteLength(JSON.stringify(input))
}

function describe({ status, assigneeId, priority, departmentId }: ModelTicket): string {
  return JSON.stringify({ status, assigneeId, priority, departmentId })
}

function wrong({ name, actor, input, verdict, device }: Judged, why: string): Violation {
  const by = `${name} of ${actor.name} (${device === null ? 'online' : 'device'}) ${JSON.stringify(input)}`
  return new Violation('rules', `${by} was ${verdict.outcome} (${verdict.code ?? 'no code'}), but ${why}`)
}
