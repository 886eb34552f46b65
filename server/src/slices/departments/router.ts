import { mutation, query, router } from '../../core/api/procedures.ts'
import {
  createDepartment,
  disableDepartment,
  enableDepartment,
  renameDepartment,
  type PoliciesHandingTo,
} from './commands.ts'
import { DepartmentPage, departmentsByName } from './queries.ts'

/** `policiesHandingTo`: see there. */
export const departments = (policiesHandingTo: PoliciesHandingTo) =>
  router({
    list: query(DepartmentPage, departmentsByName),
    create: mutation(createDepartment),
    rename: mutation(renameDepartment),
    disable: mutation(disableDepartment(policiesHandingTo)),
    enable: mutation(enableDepartment),
  })
