import { z } from 'zod'
import { mutation, query, router } from '../../core/api/procedures.ts'
import { editWorkspace } from './commands.ts'
import { workspace as read } from './queries.ts'

export const workspace = router({
  get: query(z.void(), read),
  edit: mutation(editWorkspace),
})
