/** Who heads a department: of its supervisors, those who decide about newcomers. Where there is none, all of them do. */
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { command } from '../../../core/command.ts'
import { getDepartment } from '../../departments/queries.ts'
import { getAuthor, mustAnywhere } from '../queries.ts'

export const setHead = command({
  name: 'department.set-head',
  input: z.strictObject({ departmentId: Id, userId: Id, isHead: z.boolean() }),
  async run({ tx, actor, event }, { departmentId, userId, isHead }) {
    mustAnywhere(actor, 'user.set-rights')
    const department = await getDepartment(tx, departmentId)
    const person = await getAuthor(tx, userId)
    if (person.role !== 'supervisor' || !person.departments.includes(departmentId)) {
      const message = `${person.name} is not a supervisor of ${department.name}.`
      throw new Refusal('conflict', message, 'Give the person the role and the department first.')
    }
    await tx
      .updateTable('membership')
      .set({ isHead: isHead ? 1 : 0 })
      .where('userId', '=', userId)
      .where('departmentId', '=', departmentId)
      .execute()
    const payload = { userId, isHead }
    await event({ subject: 'department', subjectId: departmentId, type: 'department-head-set', payload })
  },
})
