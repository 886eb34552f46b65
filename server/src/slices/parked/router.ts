import { mutation, query, router } from '../../core/api/procedures.ts'
import { approveBackdated, backdatedCommands } from './backdated.ts'
import { approveParked, rejectParked } from './commands.ts'
import { parkedCommands, ReceiptPage } from './queries.ts'

export const parked = router({
  list: query(ReceiptPage, parkedCommands),
  approve: mutation(approveParked),
  reject: mutation(rejectParked),
  listBackdated: query(ReceiptPage, backdatedCommands),
  approveBackdated: mutation(approveBackdated),
})
