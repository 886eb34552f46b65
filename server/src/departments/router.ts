import { mutation, query, router } from '../core/trpc.ts'
import { createDepartment } from './commands.ts'
import { DepartmentPage, departmentsByName } from './queries.ts'

export const departments = router({
  list: query(DepartmentPage, departmentsByName),
  create: mutation(createDepartment),
})
