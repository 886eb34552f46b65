/**
 * The SLA sweep: finds the clocks whose time has come and records what happened to them. It may run twice, late, or
 * after a crash: an event is recorded once. Its cost is the number of clocks that fire, not of those that are open.
 */
import { z } from 'zod'
import { breachAt } from '@rejoin/shared/sla/default-clock.ts'
import { command } from '../core/commit/command.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/db.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { recordBreach } from './breach.ts'
import { dueClocks } from './queries.ts'

const BATCH = 500

const fireClocks = command({
  name: 'sla.fire',
  input: z.object({}),
  async run(context) {
    const { tx, now } = context
    const due = await dueClocks(tx, now, BATCH)
    for (const clock of due) {
      const at = breachAt(clock, now)
      await tx.updateTable('slaClock').set({ nextFireAt: null, breachAt: at }).where('id', '=', clock.id).execute()
      if (at !== null) await recordBreach(context, clock, at)
    }
    return { fired: due.length }
  },
})

/** Records every breach that is due. Resolves when none is left. */
export async function sweepClocks(app: { read: Read; commits: Commits; now(): number }): Promise<void> {
  let fired = (await dueClocks(app.read, app.now(), 1)).length
  while (fired > 0) {
    const { output } = await app.commits.commitOrThrow(fireClocks, {}, { actorId: SYSTEM_ID })
    fired = output.fired === BATCH ? BATCH : 0
  }
}
