/** The API of the device door. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import * as contract from './contract.ts'
import { recoveries } from './recoveries.ts'

export const sync = router(proceduresOf({ recoveries: answer(contract.recoveries, recoveries) }))
