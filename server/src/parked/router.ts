import { z } from 'zod'
import { mutation, query, router } from '../core/trpc.ts'
import { approveBackdated, BackdatedPage, backdatedCommands } from './backdated.ts'
import { approveParked, rejectParked } from './commands.ts'
import { parkedCommands } from './queries.ts'

export const parked = router({
  list: query(z.void(), parkedCommands),
  approve: mutation(approveParked),
  reject: mutation(rejectParked),
  listBackdated: query(BackdatedPage, backdatedCommands),
  approveBackdated: mutation(approveBackdated),
})
