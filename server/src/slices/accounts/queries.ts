/** Reads people: the actor with their rights, names, and who can be given work. */
import { sql } from 'kysely'
import { may, type Actor, type CustomRole, type Grants, type Role } from '@rejoin/shared/access/access.ts'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { comparable } from '@rejoin/shared/email.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { storedPayload, type EventType } from '../../core/events.ts'
import type { Read, Tx } from '../../core/storage/db.ts'
import { isBeyond } from '../../core/input/paging.ts'
import { storedJson } from '../../core/storage/stored-json.ts'
import { prepared } from '../../core/storage/prepared.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type * as contract from './contract/accounts.ts'
import { accountEvents } from './events.ts'

export type Rights = Pick<Actor, 'role' | 'customRole' | 'departments'>

const SYSTEM: Actor = { id: SYSTEM_ID, name: 'Rejoin', role: 'system', departments: [] }
const ANYWHERE = new Set(['any'] as const)

/**
 * The actor, with their rights as of now. Throws `Refusal('account-disabled')`, and `Refusal('unauthenticated')` for
 * a person who is unknown or not active yet.
 */
export function getActor(read: Read, id: string): Actor {
  if (id === SYSTEM_ID) return SYSTEM
  const rows = actorRows(read, { id })
  const [user] = rows
  if (user?.status === 'disabled') throw accountDisabled()
  if (user?.status !== 'active') {
    throw new Refusal('unauthenticated', 'This account is not active.', 'Ask an administrator.')
  }
  const person = personOf(read, user)
  if (person.customRole?.grants === NOTHING) throw damagedRole(person.customRole)
  return { ...person, departments: departmentsOf(rows) }
}

/** Rights that cannot be read are not guessed: the person is refused, and their devices keep their documents. */
function damagedRole({ name }: CustomRole): Refusal {
  const message = `The role "${name}" is damaged in the database, so people with this role are refused.`
  return new Refusal('unavailable', message, 'Ask an administrator to set its rights again, or for another role.')
}

export function accountDisabled(): Refusal {
  return new Refusal('account-disabled', 'This account is disabled.', 'Ask an administrator; queued work is kept.')
}

/** As `getActor`, for earlier work of a person, whether or not they are still active. Throws `Refusal('not-found')`. */
export function getAuthor(read: Read, id: string): Actor {
  const rows = actorRows(read, { id })
  return { ...getPerson(read, id), departments: departmentsOf(rows) }
}

/** The person with the rights that they had at `seq`; the same object where nothing has changed since. */
export function rightsAt(read: Read, person: Actor, seq: number): Actor {
  const [user] = scopeSeqs(read, { id: person.id })
  if (user === undefined || user.scopeSeq <= seq) return person
  const [change] = rightsChanges(read, { id: person.id, seq })
  if (change === undefined) return person
  const from = rightsBefore(read, change)
  return from === null ? person : { ...person, customRole: undefined, ...from }
}

function rightsBefore(read: Read, change: { id: number; payload: string }): Rights | null {
  return storedPayload(read, change, accountEvents['user-rights-changed'])?.from ?? null
}

/** The person's first change of rights after `seq`: its `from` has the rights that they had at `seq`. */
const rightsChanges = prepared<{ id: string; seq: number }>()((read, param) =>
  read
    .selectFrom('event')
    .select(['id', 'payload'])
    .where('subjectId', '=', param('id'))
    .where('type', '=', sql.lit<EventType>('user-rights-changed'))
    .where('seq', '>', param('seq'))
    .orderBy('id')
    .limit(sql.lit(1)),
)

const scopeSeqs = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('user').select('scopeSeq').where('id', '=', param('id')),
)

/** A row for each department of the person, or one without. */
const actorRows = prepared<{ id: string }>()((read, param) =>
  read
    .selectFrom('user')
    .leftJoin('membership', 'membership.userId', 'user.id')
    .leftJoin('department', 'department.id', 'membership.departmentId')
    .leftJoin('customRole', 'customRole.id', 'customRoleId')
    .select(['user.id', 'user.name', 'role', 'customRoleId', 'customRole.name as roleName', 'grants'])
    .select(['status', 'departmentId'])
    .where('user.id', '=', param('id'))
    .orderBy('department.createdAt')
    .orderBy('departmentId'),
)

function departmentsOf(rows: readonly { departmentId: string | null }[]): string[] {
  return rows.flatMap(({ departmentId }) => departmentId ?? [])
}

/** Throws unless the role may do something that concerns no particular ticket. */
export function mustAnywhere(actor: Actor, action: Parameters<typeof may>[1]): void {
  if (may(actor, action, ANYWHERE)) return
  throw new Refusal('forbidden', 'Your role does not allow this.', 'Ask an administrator.')
}

/** The counter of the human numbers of people who sign up in this role, and their prefix. */
export function numberSeries(role: Role): [counter: string, prefix: string] {
  return role === 'requester' ? ['customer', 'CUS'] : ['technician', 'TEC']
}

export interface Person extends Pick<Actor, 'customRole'> {
  readonly id: string
  readonly name: string
  readonly role: Role
}

interface PersonRow extends Person {
  readonly customRoleId: string | null
  readonly roleName: string | null
  readonly grants: string | null
}

function personOf(read: Read, { id, name, role, customRoleId, roleName, grants }: PersonRow): Person {
  if (customRoleId === null || roleName === null || grants === null) return { id, name, role }
  return { id, name, role, customRole: { id: customRoleId, name: roleName, grants: grantsIn(read, roleName, grants) } }
}

/** The grants of a role that the disk has damaged, known by their identity. */
const NOTHING: Grants = {}

export function grantsIn(read: Read, roleName: string, grants: string): Grants {
  return storedJson<Grants>(read, grants, `The rights of the role "${roleName}"`, NOTHING)
}

/** Whether the rights of the person at `seq` can be read. */
export function knowsRightsAt(read: Read, id: string, seq: number): boolean {
  const [change] = rightsChanges(read, { id, seq })
  return change === undefined || rightsBefore(read, change) !== null
}

export function findPerson(read: Read, id: string): Person | undefined {
  const [row] = personById(read, { id })
  return row === undefined ? undefined : personOf(read, row)
}

const personById = prepared<{ id: string }>()((read, param) =>
  read
    .selectFrom('user')
    .leftJoin('customRole', 'customRole.id', 'customRoleId')
    .select(['user.id', 'user.name', 'role', 'customRoleId', 'customRole.name as roleName', 'grants'])
    .where('user.id', '=', param('id')),
)

/** The person with this id. Throws `Refusal('not-found')`. */
export function getPerson(read: Read, id: string): Person {
  const person = findPerson(read, id)
  if (person === undefined) throw new Refusal('not-found', `There is no person with the id ${id}.`)
  return person
}

/** A person who can be a ticket's assignee: active, and no requester. Throws `Refusal`. */
export async function getAssignable(read: Read, id: string): Promise<Person> {
  const person = getPerson(read, id)
  const { status } = await read.selectFrom('user').select('status').where('id', '=', id).executeTakeFirstOrThrow()
  if (person.role === 'requester' || status !== 'active') {
    throw new Refusal('conflict', `${person.name} cannot be assigned tickets.`, 'Choose an active agent or supervisor.')
  }
  return person
}

/** The person with an address, as a person has typed it. */
export function findUserByEmail(read: Read, email: string) {
  const select = read.selectFrom('user').select(['id', 'name', 'status', 'passwordHash'])
  return select.where('email', '=', comparable(email)).executeTakeFirst()
}

/** Deletes the invitations to an address whose owner cannot use them any more, or does not need them. */
export async function dropInvitations(tx: Tx, email: string): Promise<void> {
  await tx.deleteFrom('invitation').where('email', '=', email).execute()
}

export async function me({ actor, read }: QueryContext) {
  const user = await read
    .selectFrom('user')
    .select(['id', 'number', 'name', 'email', 'role', 'phone', 'locale', 'zone', 'organisation', 'createdAt'])
    .where('id', '=', actor.id)
    .executeTakeFirstOrThrow()
  return { ...user, customRole: actor.customRole ?? null, departments: [...actor.departments] }
}

/** People by name; those of one department or role where asked. */
export async function people(
  { read, actor }: QueryContext,
  { role, departmentId, limit, after }: ParsedOf<typeof contract.people>,
) {
  mustAnywhere(actor, 'user.list')
  let select = read
    .selectFrom('user')
    .leftJoin('customRole', 'customRole.id', 'customRoleId')
    .select([
      'user.id',
      'number',
      'user.name',
      'email',
      'role',
      'status',
      'organisation',
      'customRole.name as customRole',
    ])
    .orderBy('user.name')
    .orderBy('user.id')
    .limit(limit)
  if (after !== undefined) {
    select = select.where(
      isBeyond('asc', [
        [sql.ref('user.name'), after.name],
        [sql.ref('user.id'), after.id],
      ]),
    )
  }
  if (role !== undefined) select = select.where('role', '=', role)
  if (departmentId !== undefined) {
    const members = read.selectFrom('membership').select('userId').where('departmentId', '=', departmentId)
    select = select.where('user.id', 'in', members)
  }
  return await select.execute()
}

/** The topic on which sessions hear that a person's rights changed. */
export function userTopic(id: string): string {
  return `user:${id}`
}

/** The topic on which the doors hear that a login session ended. */
export function sessionTopic(id: string): string {
  return `session:${id}`
}
