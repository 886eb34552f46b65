/** The API of notifications. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { markRead } from './commands.ts'
import * as contract from './contract.ts'
import { ownNotifications } from './queries.ts'

export const notifications = router(proceduresOf({ list: answer(contract.list, ownNotifications), markRead }))
