/** What may happen next in a run, and how often: one random step at a time. */
import type { Random } from '../../harness/random.ts'
import { backUp, backUpTheDead, cutLog, damageDocument, restore } from './disaster.ts'
import { begin, type Run } from './run.ts'
import { fillTicket, overfillTicket } from './size.ts'
import * as faults from './faults.ts'
import {
  burstOnDevice,
  changeRights,
  decideParked,
  finishJob,
  tidyInbox,
  typeNotes,
  workAtDesk,
  workOnDevice,
} from './work.ts'

type Step = (run: Run, random: Random) => Promise<void> | void

const STEPS: readonly (readonly [weight: number, name: string, Step])[] = [
  [70, 'work on a device', workOnDevice],
  [10, 'a burst on a device', burstOnDevice],
  [6, 'finish a job on a device', finishJob],
  [8, 'type into notes', typeNotes],
  [3, 'tidy an inbox', tidyInbox],
  [40, 'work at a desk', workAtDesk],
  [10, 'decide about parked work', decideParked],
  [3, 'change the rights of somebody', changeRights],
  [2, 'call again', callAgain],
  [6, 'time goes by', (run, random) => faults.passTime(run, random.below(20 * 60_000))],
  [8, 'hold a line', faults.holdLine],
  [8, 'release lines', faults.releaseLines],
  [5, 'cut a connection', faults.cutConnection],
  [4, 'give up a connection', faults.giveUpConnection],
  [6, 'late frames arrive', faults.deliverLate],
  [4, 'break a cable', faults.breakCable],
  [4, 'stop reading', faults.stopReading],
  [6, 'read on', faults.readOn],
  [6, 'go offline or come back', faults.goOfflineOrBack],
  [5, 'crash a device', faults.crashDevice],
  [8, 'crash a device at its disk', faults.crashDeviceAtDisk],
  [3, 'fill a disk', faults.fillDisk],
  [3, 'slow a disk down', faults.slowDisk],
  [30, 'switch a device on', faults.switchOn],
  [3, 'let a clock jump', faults.jumpClock],
  [2, 'reboot a device', faults.reboot],
  [3, 'let a device sleep', faults.sleep],
  [4, 'lose a line', faults.loseLine],
  [2, 'set the clock of the server', faults.setServerClock],
  [2, 'slow the mail server down', faults.slowMail],
  [2, 'slow the receiver of webhooks down', faults.slowWebhook],
  [3, 'answer again outside', faults.answerOutside],
  [4, 'ask for a letter', faults.askForLetter],
  [5, 'kill the server', faults.killServer],
  [2, 'cut the log', cutLog],
  [4, 'back up the running server', backUp],
  [2, 'kill the server and copy its disk', backUpTheDead],
  [3, 'restore an old backup', restore],
  [2, 'fill a ticket', fillTicket],
  [1, 'find a ticket too large', overfillTicket],
  [3, 'damage a document on the disk', damageDocument],
]

const TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0)

/** Takes the step that `random` picks; the step draws its other numbers from `random` too. */
export async function takeStep(run: Run, random: Random): Promise<void> {
  let at = random.below(TOTAL)
  const chosen = STEPS.find(([weight]) => (at -= weight) < 0)
  if (chosen === undefined) return
  run.book.step(chosen[1])
  const due = run.later.splice(0)
  await chosen[2](run, random)
  for (const each of due) each()
}

function callAgain(run: Run, random: Random): void {
  begin(run, random.pick(run.callers).repeat(random.below(100)))
}
