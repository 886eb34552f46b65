/** Reading departments. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { NamedRows } from '../../core/named.ts'
import type { Read } from '../../core/storage/db.ts'
import { prepared } from '../../core/storage/prepared.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import { DepartmentPage } from './contract.ts'

export { DepartmentPage }

export interface Department {
  readonly id: string
  readonly name: string
  readonly disabledAt: number | null
}

export const DEPARTMENT_NAMES: NamedRows = { noun: 'department', select: 'select id, name from department' }

/** Throws `Refusal('not-found')`. */
export function getDepartment(read: Read, id: string): Department {
  const department = findDepartment(read, id)
  if (department === undefined) throw new Refusal('not-found', `There is no department with the id ${id}.`)
  return department
}

export function findDepartment(read: Read, id: string): Department | undefined {
  return departmentRows(read, { id })[0]
}

const departmentRows = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('department').select(['id', 'name', 'disabledAt']).where('id', '=', param('id')),
)

/** One that takes new tickets. Throws `Refusal('department-disabled')`, which parks what a device brought. */
export function getTaking(read: Read, id: string): Department {
  const department = getDepartment(read, id)
  if (department.disabledAt === null) return department
  const message = `${department.name} is disabled and accepts no new tickets.`
  throw new Refusal(
    'department-disabled',
    message,
    'Choose another department, or ask an administrator to enable this one.',
  )
}

/** Throws `Refusal` unless somebody can be made a member of each. */
export function mustTakeMembers(read: Read, ids: readonly string[]): void {
  for (const id of ids) {
    const { name, disabledAt } = getDepartment(read, id)
    if (disabledAt === null) continue
    throw new Refusal('department-disabled', `departments: ${name} is disabled and accepts no new members.`)
  }
}

export function departmentsByName({ read }: Pick<QueryContext, 'read'>, page: DepartmentPage) {
  return selectByName(read, page).select('disabledAt').execute()
}

/** Those from which a newcomer may choose. */
export function takingDepartments(read: Read, page: DepartmentPage) {
  return selectByName(read, page).where('disabledAt', 'is', null).execute()
}

function selectByName(read: Read, { limit, after }: DepartmentPage) {
  const select = read.selectFrom('department').select(['id', 'name']).orderBy('name').limit(limit)
  return after === undefined ? select : select.where('name', '>', after.name)
}
