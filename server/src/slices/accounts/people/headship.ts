/** Who heads a department: of its supervisors, those who decide about newcomers. Where there is none, all of them do. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import { getDepartment } from '../../departments/queries.ts'
import { getAuthor, mustAnywhere } from '../queries.ts'
import * as contract from '../contract/people.ts'

export const setHead = implement(contract.setHead, async ({ tx, actor, event }, { departmentId, userId, isHead }) => {
  mustAnywhere(actor, 'user.set-rights')
  const department = getDepartment(tx, departmentId)
  const person = getAuthor(tx, userId)
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
})
