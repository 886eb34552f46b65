/** The API of departments. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import {
  createDepartment,
  disableDepartment,
  enableDepartment,
  renameDepartment,
  type PoliciesHandingTo,
} from './commands.ts'
import * as contract from './contract.ts'
import { departmentsByName } from './queries.ts'

export const departments = (policiesHandingTo: PoliciesHandingTo) =>
  router(
    proceduresOf({
      list: answer(contract.list, departmentsByName),
      create: createDepartment,
      rename: renameDepartment,
      disable: disableDepartment(policiesHandingTo),
      enable: enableDepartment,
    }),
  )
