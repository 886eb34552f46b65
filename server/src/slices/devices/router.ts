import { mutation, query, router } from '../../core/api/procedures.ts'
import { renameDevice, revokeDevice } from './commands.ts'
import { DevicePage, listDevices } from './queries.ts'

export const devices = router({
  list: query(DevicePage, listDevices),
  rename: mutation(renameDevice),
  revoke: mutation(revokeDevice),
})
