/** The typed API, slice by slice. Clients import its type only. */
import { accounts, invitations } from './slices/accounts/router.ts'
import { audit } from './slices/audit/router.ts'
import { operationsOf } from './core/api/operations.ts'
import { router } from './core/api/procedures.ts'
import { demo } from './operations/demo/router.ts'
import { devices } from './slices/devices/router.ts'
import { departments } from './slices/departments/router.ts'
import { mail } from './slices/mail/router.ts'
import { notifications } from './slices/notifications/router.ts'
import { parked } from './slices/parked/router.ts'
import { policiesHandingTo } from './slices/sla/policies/queries.ts'
import { clockFields } from './slices/sla/queries.ts'
import { sla } from './slices/sla/router.ts'
import { sync } from './doors/sync/router.ts'
import { tickets } from './slices/tickets/router.ts'
import { workspace } from './slices/workspace/router.ts'

export const appRouter = router({
  accounts,
  invitations,
  audit,
  demo,
  departments: departments(policiesHandingTo),
  devices,
  tickets: tickets(clockFields),
  mail,
  notifications,
  parked,
  sla,
  sync,
  workspace,
})
export type AppRouter = typeof appRouter

/** The operations of the router, as declared. */
export const operations = operationsOf(appRouter)
