import { mutation, query, router } from '../../../core/api/procedures.ts'
import { createRole, editRole, removeRole } from './commands.ts'
import { customRoles, RolePage } from './queries.ts'

export const roles = router({
  list: query(RolePage, customRoles),
  create: mutation(createRole),
  edit: mutation(editRole),
  remove: mutation(removeRole),
})
