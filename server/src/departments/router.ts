import { z } from 'zod'
import { mutation, query, router } from '../core/trpc.ts'
import { createDepartment } from './commands.ts'
import { departmentsByName } from './queries.ts'

export const departments = router({
  list: query(z.void(), departmentsByName),
  create: mutation(createDepartment),
})
