/** The API of the workspace as a whole. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { editWorkspace } from './commands.ts'
import * as contract from './contract.ts'
import { workspace as read } from './queries.ts'

export const workspace = router(proceduresOf({ get: answer(contract.get, read), edit: editWorkspace }))
