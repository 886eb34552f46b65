import { query, router } from '../core/trpc.ts'
import { recoveries, RecoveryPage } from './recoveries.ts'

export const sync = router({
  recoveries: query(RecoveryPage, recoveries),
})
