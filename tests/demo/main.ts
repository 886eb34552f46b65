/** `pnpm demo`: tells a story, or replays an incident log, against a real server. Exits with 1 when a promise breaks. */
import { Command, InvalidArgumentError } from 'commander'
import { DoesNotHold } from './checks.ts'
import { BadLog } from './log/read.ts'
import { broken } from './terminal.ts'

const program = new Command('pnpm demo')
  .description('Shows on a real server what becomes of work that was done without a network.')
  .option('--from <file>', 'replay an incident log (CSV as ServiceNow exports it, or that as .gz)')
  .option('--seed <number>', 'let chance decide as in an earlier replay', wholeNumber)
  .allowExcessArguments(false)
  .showHelpAfterError()
  .parse()

const { from, seed } = program.opts<{ from?: string; seed?: number }>()
if (seed !== undefined && from === undefined) program.error('error: --seed goes with --from')

void run()

async function run(): Promise<void> {
  try {
    // A mistake on the command line needs none of the server.
    if (from === undefined) await (await import('./story/tell.ts')).tellStory()
    else await (await import('./log/replay-log.ts')).replayLog(from, seed)
  } catch (error) {
    if (error instanceof DoesNotHold || error instanceof BadLog) broken(error.message)
    else {
      broken(`The demo broke off: ${error instanceof Error ? error.message : String(error)}`)
      console.error(error)
    }
    // Devices and timers of a story that broke off would keep the process alive.
    process.exit(1)
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}
