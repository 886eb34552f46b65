/** The API of parked and back-dated work. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { approveBackdated, backdatedCommands } from './backdated.ts'
import { approveParked, parkedProcedures, rejectParked } from './commands.ts'
import * as contract from './contract.ts'
import { parkedWork } from './queries.ts'

export const parked = router(
  proceduresOf({
    ...parkedProcedures,
    approve: approveParked,
    reject: rejectParked,
    approveBackdated,
    list: answer(contract.list, parkedWork),
    listBackdated: answer(contract.listBackdated, backdatedCommands),
  }),
)
