import { router, unrecorded } from '../core/trpc.ts'
import { fillDemo } from './fill.ts'

export const demo = router({ fill: unrecorded(fillDemo) })
