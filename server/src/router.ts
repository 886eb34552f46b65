/** The typed API, slice by slice. Clients import its type only. */
import { accounts, invitations } from './accounts/router.ts'
import { audit } from './audit/router.ts'
import { router } from './core/trpc.ts'
import { demo } from './demo/router.ts'
import { devices } from './devices/router.ts'
import { departments } from './departments/router.ts'
import { mail } from './mail/router.ts'
import { notifications } from './notifications/router.ts'
import { parked } from './parked/router.ts'
import { sla } from './sla/router.ts'
import { sync } from './sync/router.ts'
import { tickets } from './tickets/router.ts'
import { workspace } from './workspace/router.ts'

export const appRouter = router({
  accounts,
  invitations,
  audit,
  demo,
  departments,
  devices,
  tickets,
  mail,
  notifications,
  parked,
  sla,
  sync,
  workspace,
})
export type AppRouter = typeof appRouter
