/** The API of the audit log. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import * as contract from './contract.ts'
import { auditEntries } from './queries.ts'

export const audit = router(proceduresOf({ list: answer(contract.list, auditEntries) }))
