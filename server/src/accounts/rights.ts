/**
 * What people may do: their role and departments. Each change is an event that tells both sides of it, from which
 * `rightsAt` reads what somebody could do at any time.
 */
import { z } from 'zod'
import { Role, type Actor } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { command, type CommandContext } from '../core/commit/command.ts'
import type { Tx } from '../core/db.ts'
import { getDepartment } from '../departments/queries.ts'
import { getAuthor, mustAnywhere, RIGHTS_CHANGED, userTopic, type Rights } from './queries.ts'

export const setRole = command({
  name: 'user.set-role',
  input: z.object({ userId: Id, role: Role }),
  async run(context, { userId, role }) {
    mustAnywhere(context.actor, 'user.set-rights')
    const person = await getAuthor(context.tx, userId)
    if (person.role === role) {
      context.adjust('already-done', `${person.name} has this role already.`)
      return
    }
    await mustNotBeLastAdmin(context.tx, person)
    await context.tx.updateTable('user').set({ role }).where('id', '=', userId).execute()
    await rightsChanged(context, person)
  },
})

export const setDepartments = command({
  name: 'user.set-departments',
  input: z.object({ userId: Id, departments: z.array(Id).max(50) }),
  async run(context, { userId, departments }) {
    const { tx, actor, adjust } = context
    mustAnywhere(actor, 'user.set-rights')
    const person = await getAuthor(tx, userId)
    const wanted = new Set(departments)
    if (wanted.size === person.departments.length && person.departments.every((id) => wanted.has(id))) {
      adjust('already-done', `${person.name} is in these departments already.`)
      return
    }
    await leave(
      tx,
      userId,
      person.departments.filter((id) => !wanted.has(id)),
    )
    for (const departmentId of wanted) {
      if (person.departments.includes(departmentId)) continue
      await getDepartment(tx, departmentId)
      await tx.insertInto('membership').values({ userId, departmentId, isHead: 0 }).execute()
    }
    await rightsChanged(context, person)
  },
})

async function leave(tx: Tx, userId: string, departments: readonly string[]): Promise<void> {
  await tx
    .deleteFrom('membership')
    .where('userId', '=', userId)
    .where('departmentId', 'in', [...departments])
    .execute()
}

/** Throws `Refusal('last-admin')` when nobody else could undo what is about to be done to `person`. */
export async function mustNotBeLastAdmin(
  tx: Tx,
  { id, name, role }: Pick<Actor, 'id' | 'name' | 'role'>,
): Promise<void> {
  if (role !== 'admin') return
  const admins = tx.selectFrom('user').select('id').where('role', '=', 'admin').where('status', '=', 'active')
  if ((await admins.where('id', '!=', id).executeTakeFirst()) !== undefined) return
  throw new Refusal('last-admin', `${name} is the only active administrator.`, 'Make somebody else one first.')
}

/** Records that the person's rights are not those of `before` any more, and has their devices look again. */
async function rightsChanged({ tx, seq, event, wake }: CommandContext, before: Actor): Promise<void> {
  const { id } = before
  await tx.updateTable('user').set({ scopeSeq: seq }).where('id', '=', id).execute()
  const after = await getAuthor(tx, id)
  await event({
    subject: 'user',
    subjectId: id,
    type: RIGHTS_CHANGED,
    payload: { from: rightsOf(before), to: rightsOf(after) },
  })
  wake(userTopic(id))
}

function rightsOf({ role, departments }: Actor): Rights {
  return { role, departments }
}
