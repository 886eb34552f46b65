import { z } from 'zod'
import { mutation, query, router } from '../core/trpc.ts'
import { renameDevice, revokeDevice } from './commands.ts'
import { listDevices } from './queries.ts'

export const devices = router({
  list: query(z.object({ userId: z.string().optional() }).default({}), listDevices),
  rename: mutation(renameDevice),
  revoke: mutation(revokeDevice),
})
