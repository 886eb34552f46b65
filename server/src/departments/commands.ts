/** Commands about departments. */
import { z } from 'zod'
import { may } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { name } from '@rejoin/shared/names.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { command } from '../core/commit/command.ts'

export const createDepartment = command({
  name: 'department.create',
  input: z.object({ departmentId: Id.optional(), name: name(120) }),
  async run({ tx, now, actor, newId, event }, { departmentId = newId(), name }) {
    if (!may(actor, 'department.create', new Set(['any']))) {
      throw new Refusal('forbidden', 'Only an administrator makes departments.', 'Ask an administrator.')
    }
    const taken = await tx
      .selectFrom('department')
      .select('name')
      .where((row) => row.or([row('id', '=', departmentId), row('name', '=', name)]))
      .executeTakeFirst()
    if (taken !== undefined) throw new Refusal('conflict', `name: there is a department ${taken.name} already.`)
    await tx.insertInto('department').values({ id: departmentId, name, createdAt: now }).execute()
    await event({ subject: 'department', subjectId: departmentId, type: 'department-created', payload: { name } })
    return { departmentId }
  },
})
