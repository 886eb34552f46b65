import { query, router } from '../../core/api/procedures.ts'
import { recoveries, RecoveryPage } from './recoveries.ts'

export const sync = router({
  recoveries: query(RecoveryPage, recoveries),
})
