/** The API of custom roles. */
import { answer } from '../../../core/api/implement.ts'
import { router } from '../../../core/api/procedures.ts'
import { proceduresOf } from '../../../core/api/router-of.ts'
import { createRole, editRole, removeRole } from './commands.ts'
import { list } from '../contract/roles.ts'
import { customRoles } from './queries.ts'

export const roles = router(
  proceduresOf({ list: answer(list, customRoles), create: createRole, edit: editRole, remove: removeRole }),
)
