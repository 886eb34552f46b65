import { z } from 'zod'
import { mutation, query, router } from '../../core/trpc.ts'
import { createRole, editRole, removeRole } from './commands.ts'
import { customRoles } from './queries.ts'

export const roles = router({
  list: query(z.void(), customRoles),
  create: mutation(createRole),
  edit: mutation(editRole),
  remove: mutation(removeRole),
})
