/**
 * The people and departments that a log names: found by the log's name for them, else added. A person who is added
 * cannot sign in until an administrator gives them an address and a password.
 */
import { getAuthor, numberSeries } from '../../slices/accounts/queries.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Tables } from '../../core/storage/db.ts'
import { nextNumber } from '../../core/storage/numbers.ts'
import { idsOfName } from './ids.ts'
import type { Created } from './report.ts'

/** The context of the command that imports a row, and the counts of its additions. */
export interface ImportRun {
  readonly context: CommandContext
  readonly created: Created
}

type Known = Pick<Tables['user'], 'role' | 'customRoleId' | 'passwordHash'>

/** The person of this name, at least in this role. */
export async function settlePerson(run: ImportRun, name: string, role: 'agent' | 'requester'): Promise<string> {
  const { tx, now, seq, event } = run.context
  const ids = idsOfName('user', name)
  const [id] = ids
  const email = addressOf(name, id)
  const known = await tx
    .selectFrom('user')
    .select(['id', 'role', 'customRoleId', 'passwordHash'])
    .where((row) => row.or([row('id', 'in', ids), row('email', '=', email)]))
    .orderBy((row) => row.case().when('id', '=', id).then(0).else(1).end())
    .orderBy('id')
    .executeTakeFirst()
  if (known !== undefined) {
    if (role === 'agent' && isPromotable(known)) await promote(run.context, known.id)
    return known.id
  }
  const number = await nextNumber(tx, ...numberSeries(role))
  const absent = { passwordHash: null, phone: null, locale: null, zone: null, organisation: null }
  const row = { id, number, name, email, role, status: 'active' as const, ...absent }
  await tx
    .insertInto('user')
    .values({ ...row, createdAt: now, scopeSeq: seq })
    .execute()
  await event({ subject: 'user', subjectId: id, type: 'user-created', payload: { name, role, departments: [] } })
  run.created.users += 1
  return id
}

/** A log gives rights only to people who cannot sign in: nobody gains rights from the content of a file. */
function isPromotable({ role, customRoleId, passwordHash }: Known): boolean {
  return role === 'requester' && customRoleId === null && passwordHash === null
}

async function promote({ tx, seq, event }: CommandContext, userId: string): Promise<void> {
  const { departments } = getAuthor(tx, userId)
  await tx.updateTable('user').set({ role: 'agent', scopeSeq: seq }).where('id', '=', userId).execute()
  const payload = { from: { role: 'requester', departments }, to: { role: 'agent', departments } } as const
  await event({ subject: 'user', subjectId: userId, type: 'user-rights-changed', payload })
}

/** An address that reaches nobody (RFC 2606). A name that loses characters here gets a part of the id as well. */
function addressOf(name: string, id: string): string {
  const words =
    name
      .toLowerCase()
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .match(/[a-z0-9]+/g) ?? []
  const slug = words.join('-').slice(0, 40)
  const isExact = words.join(' ') === name.toLowerCase() && words.join(' ').length <= 40
  return `${isExact ? slug : `${slug}.${id.slice(0, 8)}`}@example.invalid`.replace(/^\./, '')
}

/** The department of this name. */
export async function settleDepartment({ context, created }: ImportRun, name: string): Promise<string> {
  const { tx, now, event } = context
  const ids = idsOfName('department', name)
  const [id] = ids
  const known = await tx
    .selectFrom('department')
    .select('id')
    .where((row) => row.or([row('id', 'in', ids), row('name', '=', name)]))
    .orderBy((row) => row.case().when('id', '=', id).then(0).else(1).end())
    .orderBy('id')
    .executeTakeFirst()
  if (known !== undefined) return known.id
  await tx.insertInto('department').values({ id, name, createdAt: now, disabledAt: null }).execute()
  await event({ subject: 'department', subjectId: id, type: 'department-created', payload: { name } })
  created.departments += 1
  return id
}

/** A person belongs to each department in which the log shows them working. */
export async function settleMember(
  { tx, seq, event }: CommandContext,
  userId: string,
  departmentId: string,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('membership')
    .values({ userId, departmentId, isHead: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows === 0n) return
  await tx.updateTable('user').set({ scopeSeq: seq }).where('id', '=', userId).execute()
  const { role, departments } = getAuthor(tx, userId)
  const before = { role, departments: departments.filter((id) => id !== departmentId) }
  const payload = { from: before, to: { role, departments } }
  await event({ subject: 'user', subjectId: userId, type: 'user-rights-changed', payload })
}
