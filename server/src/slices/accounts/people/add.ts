/** Adding a person: the one place where a row of `user` comes from a command of this workspace. */
import type { Role } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { nextNumber } from '../../../core/storage/numbers.ts'
import { getDepartment } from '../../departments/queries.ts'
import { findUserByEmail, numberSeries } from '../queries.ts'
import type { UserTable } from '../tables.ts'

type Optional = Pick<
  UserTable,
  'status' | 'passwordHash' | 'phone' | 'locale' | 'zone' | 'organisation' | 'customRoleId'
>

export type Newcomer = { readonly [Field in keyof Optional]?: Optional[Field] | undefined } & {
  readonly userId?: string | undefined
  readonly name: string
  readonly email: string
  readonly role: Role
  readonly departments: readonly string[]
}

/** Adds a person and returns their id. Throws `Refusal('conflict')` when the address is taken. */
export async function addPerson({ tx, now, seq, newId, event }: CommandContext, newcomer: Newcomer): Promise<string> {
  const { userId: id = newId(), name, email, role, departments } = newcomer
  const { status = 'active', passwordHash = null, phone = null, locale = null, zone = null } = newcomer
  const { organisation = null, customRoleId = null } = newcomer
  await mustBeFree(tx, { userId: id, email })
  const number = await nextNumber(tx, ...numberSeries(role))
  const person = {
    id,
    number,
    name,
    email,
    role,
    customRoleId,
    status,
    passwordHash,
    phone,
    locale,
    zone,
    organisation,
  }
  await tx
    .insertInto('user')
    .values({ ...person, createdAt: now, scopeSeq: seq })
    .execute()
  for (const departmentId of new Set(departments)) {
    getDepartment(tx, departmentId)
    await tx.insertInto('membership').values({ userId: id, departmentId, isHead: 0 }).execute()
  }
  const payload = { name, role, departments, organisation, ...(customRoleId !== null && { customRoleId }) }
  await event({ subject: 'user', subjectId: id, type: 'user-created', payload })
  return id
}

/** Throws `Refusal` when somebody has the address, or the id where one is given. */
export async function mustBeFree(
  read: Read,
  { userId, email }: { userId?: string | undefined; email: string },
): Promise<void> {
  if ((await findUserByEmail(read, email)) !== undefined) {
    throw new Refusal('conflict', `email: there is already an account with ${email}.`, 'Use another address.')
  }
  if (userId === undefined) return
  const taken = await read.selectFrom('user').select('id').where('id', '=', userId).executeTakeFirst()
  if (taken !== undefined) throw new Refusal('id-taken', 'userId: another person already has this id.')
}
