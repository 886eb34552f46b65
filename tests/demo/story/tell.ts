/** The demo without a file: one story on data of its own. */
import { heldSoFar } from '../checks.ts'
import { openSandbox } from '../sandbox.ts'
import { printSummary } from '../summary.ts'
import { seconds } from '../terminal.ts'
import { workApart } from './apart.ts'
import { audit } from './audit.ts'
import { bootstrap } from './bootstrap.ts'
import { breach } from './breach.ts'
import { dismiss, gather } from './cast.ts'
import { crash } from './crash.ts'
import { converge, rejoin } from './rejoin.ts'

/** Throws `DoesNotHold` at the first thing that is not as promised. */
export async function tellStory(): Promise<void> {
  const startedAt = performance.now()
  const cast = await gather(openSandbox())
  let compared = await bootstrap(cast)
  const work = await workApart(cast)
  await rejoin(cast, work)
  compared += await converge(cast, work)
  const tablet = await breach(cast)
  compared += await crash(cast)
  const decided = await audit(cast, new Map(tablet.entries()))
  printSummary(decided, [
    ['replicas compared', compared],
    ['comparisons that held', heldSoFar()],
    ['time taken', seconds(performance.now() - startedAt)],
  ])
  await dismiss(cast)
}
