import { query, router } from '../../core/api/procedures.ts'
import { auditEntries, AuditFilter } from './queries.ts'

export const audit = router({
  list: query(AuditFilter.prefault({}), auditEntries),
})
