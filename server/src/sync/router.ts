import { z } from 'zod'
import { query, router } from '../core/trpc.ts'
import { recoveries } from './recoveries.ts'

export const sync = router({
  recoveries: query(z.void(), recoveries),
})
