import { mutation, query, router } from '../../core/api/procedures.ts'
import { createDepartment, disableDepartment, enableDepartment, renameDepartment } from './commands.ts'
import { DepartmentPage, departmentsByName } from './queries.ts'

export const departments = router({
  list: query(DepartmentPage, departmentsByName),
  create: mutation(createDepartment),
  rename: mutation(renameDepartment),
  disable: mutation(disableDepartment),
  enable: mutation(enableDepartment),
})
