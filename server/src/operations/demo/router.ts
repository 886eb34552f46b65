/** The API of the demo. */
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { fillDemo } from './fill.ts'

export const demo = router(proceduresOf({ fill: fillDemo }))
