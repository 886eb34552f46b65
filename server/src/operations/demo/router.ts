import { router, unrecorded } from '../../core/api/procedures.ts'
import { fillDemo } from './fill.ts'

export const demo = router({ fill: unrecorded(fillDemo) })
