/** The API of parked and back-dated work. */
import { parkedCommands } from '@rejoin/shared/parked/commands.ts'
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOn } from '../../core/api/router-of.ts'
import { approveBackdated, backdatedCommands } from './backdated.ts'
import { parkedProcedures } from './commands.ts'
import * as contract from './contract.ts'
import { parkedWork } from './queries.ts'

export const parked = router(
  proceduresOn(parkedCommands, {
    ...parkedProcedures,
    approveBackdated,
    list: answer(contract.list, parkedWork),
    listBackdated: answer(contract.listBackdated, backdatedCommands),
  }),
)
