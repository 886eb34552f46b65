/** The API of devices. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { renameDevice, revokeDevice } from './commands.ts'
import * as contract from './contract.ts'
import { listDevices } from './queries.ts'

export const devices = router(
  proceduresOf({ list: answer(contract.list, listDevices), rename: renameDevice, revoke: revokeDevice }),
)
