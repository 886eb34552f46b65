/** Fills an empty workspace with a few people and tickets, by the same commands as real ones. */
import { randomBytes } from 'node:crypto'
import { Refusal } from '@rejoin/shared/errors.ts'
import { addPerson } from '../../slices/accounts/people/add.ts'
import { hashPassword } from '../../slices/accounts/passwords.ts'
import { getActor, mustAnywhere } from '../../slices/accounts/queries.ts'
import { implement } from '../../core/api/implement.ts'
import type { AnyCommand, CommandContext, PrepareContext } from '../../core/command.ts'
import type { Read } from '../../core/storage/db.ts'
import { createDepartment } from '../../slices/departments/commands.ts'
import { TICKET_COMMANDS } from '../../slices/tickets/commands.ts'
import * as contract from './contract.ts'
import { DEPARTMENTS, PEOPLE, TICKETS, type Action, type DemoTicket, type Who } from './content.ts'

const HOUR_MS = 3_600_000

/** Returns the password of all of them. Refuses a workspace that has tickets. */
export const fillDemo = implement(
  contract.fill,
  {
    async check({ read, actor }) {
      mustAnywhere(actor, 'workspace.fill')
      await mustBeEmpty(read)
    },
    async prepare({ hashCost }: PrepareContext) {
      const password = randomBytes(12).toString('base64url')
      return { password, passwordHash: await hashPassword(password, hashCost) }
    },
  },
  async (context, _input, { password, passwordHash }) => {
    mustAnywhere(context.actor, 'workspace.fill')
    await mustBeEmpty(context.tx)
    const departments = await addDepartments(context)
    const people = await addPeople(context, departments, passwordHash)
    for (const ticket of TICKETS) await addTicket(context, ticket, { departments, people })
    return { password, people: Object.keys(PEOPLE).map(emailOf), tickets: TICKETS.length }
  },
)

interface Cast {
  readonly departments: ReadonlyMap<string, string>
  readonly people: ReadonlyMap<Who, string>
}

async function mustBeEmpty(read: Read): Promise<void> {
  const ticket = await read.selectFrom('ticket').select('id').limit(1).executeTakeFirst()
  if (ticket === undefined) return
  throw new Refusal('conflict', 'This workspace already has tickets.', 'Add the demo to an empty workspace.')
}

async function addDepartments(context: CommandContext): Promise<Cast['departments']> {
  const ids = new Map<string, string>(DEPARTMENTS.map((name) => [name, context.newId()]))
  for (const [name, departmentId] of ids) await must(context, createDepartment, { departmentId, name })
  return ids
}

async function addPeople(
  context: CommandContext,
  departments: Cast['departments'],
  passwordHash: string,
): Promise<Cast['people']> {
  const ids = new Map<Who, string>()
  for (const [who, { name, role, departments: names }] of Object.entries(PEOPLE)) {
    const memberOf = names.map((each) => departments.get(each) ?? '')
    ids.set(
      who as Who,
      await addPerson(context, { name, role, email: emailOf(who), departments: memberOf, passwordHash }),
    )
  }
  return ids
}

function emailOf(who: string): string {
  return `${who}@demo.invalid`
}

/** Runs each action in its author's name, at its time. */
async function addTicket(context: CommandContext, ticket: DemoTicket, cast: Cast): Promise<void> {
  const { hoursAgo, by, department, actions, ...fields } = ticket
  const ticketId = context.newId()
  const departmentId = cast.departments.get(department)
  const creation = { command: TICKET_COMMANDS['ticket.create'], input: { ticketId, departmentId, ...fields } }
  await doAs(context, cast, { by, hoursAgo, ...creation })
  for (const action of actions) {
    await doAs(context, cast, { by: action.by, hoursAgo: action.hoursAgo, ...callOf(context, ticketId, action, cast) })
  }
}

function callOf({ newId }: CommandContext, ticketId: string, action: Action, { people }: Cast) {
  if ('comment' in action) {
    return { command: TICKET_COMMANDS['comment.add'], input: { ticketId, commentId: newId(), body: action.comment } }
  }
  if ('assign' in action) {
    return { command: TICKET_COMMANDS['ticket.assign'], input: { ticketId, agentId: people.get(action.assign) } }
  }
  if ('waits' in action) {
    const input = { ticketId, to: 'waiting_third_party', reason: action.waits }
    return { command: TICKET_COMMANDS['ticket.transition'], input }
  }
  return { command: TICKET_COMMANDS['ticket.resolve'], input: { ticketId, resolution: action.resolve } }
}

async function doAs(
  context: CommandContext,
  { people }: Cast,
  { by, hoursAgo, command, input }: { by: Who; hoursAgo: number; command: AnyCommand; input: unknown },
): Promise<void> {
  const actor = getActor(context.tx, people.get(by) ?? '')
  const effectiveAt = context.now - hoursAgo * HOUR_MS
  const call = { command, input, effectiveAt, seen: Number.POSITIVE_INFINITY }
  const [answer] = await context.callTogether([call], { actor, deviceId: null, approver: null })
  if (answer?.outcome !== 'applied') throw new Error(`the demo does not fit: ${command.name}: ${answer?.message}`)
}

async function must(context: CommandContext, command: AnyCommand, input: unknown): Promise<void> {
  const { outcome, code, message = '' } = await context.call(command, input)
  if (outcome !== 'applied') throw new Refusal(code === 'conflict' ? code : 'invalid', message)
}
