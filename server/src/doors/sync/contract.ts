/** The query of the recovery report. */
import { z } from 'zod'
import { declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../core/input/paging.ts'

/** Commands that devices offered again, by outcome; `known`: those that the database had not lost. */
const Counts = z.object({
  offered: z.int(),
  recovered: z.int(),
  parked: z.int(),
  refused: z.int(),
  known: z.int(),
})

/** A page of server starts, each with an entry for every device that came back after it. */
export const RecoveryPage = pageBy({ beganAt: z.number(), serverStart: z.number() }, 20).prefault({})
export type RecoveryPage = z.output<typeof RecoveryPage>

export const recoveries = declareQuery({
  name: 'sync.recoveries',
  input: RecoveryPage,
  output: z.array(
    Counts.extend({
      serverStart: z.int(),
      beganAt: Instant,
      /** How many devices have finished. */
      finished: z.int(),
      devices: z.array(
        Counts.extend({
          deviceId: z.string(),
          userId: z.string(),
          /** The newest position that the device and the restored database had in common; 0: none. */
          since: z.int(),
          beganAt: Instant,
          finishedAt: Instant.nullable(),
        }),
      ),
    }),
  ),
  action: 'recovery.read',
  codes: [],
  rest: 'GET /recoveries',
  doc: 'Reports what devices brought back after a restore, one entry for each start of the server, the newest first.',
})
