/** The end of a replay: updates that went through, their verdicts, and whether the server has exactly their effects. */
import type { DecidedRecord } from '@rejoin/client-sdk/ledger/records.ts'
import { heldSoFar, mustEqual } from '../checks.ts'
import { checkEffects, decidedIn } from '../evidence.ts'
import { allTickets, ticketsById } from '../replicas.ts'
import type { ServerProcess } from '../server-process.ts'
import { printSummary } from '../summary.ts'
import { printTable } from '../table.ts'
import { heading, seconds } from '../terminal.ts'
import type { Person } from '../workspace.ts'
import type { Crew } from './crew.ts'
import type { Update } from './read.ts'
import type { Replay } from './replay.ts'
import { statusOf } from './words.ts'

export interface Finished {
  readonly updates: readonly Update[]
  readonly replay: Replay
  readonly crew: Crew
  readonly admin: Person
  readonly server: ServerProcess
  /** Replicas. */
  readonly compared: number
  readonly startedAt: number
}

/** Throws `DoesNotHold` at the first promise that does not hold. */
export async function report(finished: Finished): Promise<void> {
  const { updates, replay, crew, server } = finished
  const decided = crew.groups.flatMap(({ store }) => decidedIn(store.entries()))
  heading('What holds')
  checkCounts(finished, decided)
  const incidents = await checkServer(finished, decided)
  mustEqual('the server logged no error', server.errors, [])
  printReasons(decided)
  const { inPerson, late, dispatched } = replay.handovers
  printSummary(decided, [
    ['updates put through', `${replay.commands.size} of ${updates.length}`],
    ['incidents put through', `${replay.cases.size}, ${incidents.asLogged} of them end as the log says`],
    ['disconnections', sum(crew, 'all')],
    ['of them while rejoining', sum(crew, 'whileRejoining')],
    ['handovers', `${inPerson} with a network, ${late} without, ${dispatched} by the dispatcher`],
    ['commands left waiting', crew.groups.flatMap(({ field }) => field.device.pending()).length],
    ['replicas compared', finished.compared],
    ['comparisons that held', heldSoFar()],
    ['time taken', seconds(performance.now() - finished.startedAt)],
  ])
}

function checkCounts({ updates, replay, crew }: Finished, decided: readonly DecidedRecord[]): void {
  const verdicts = new Set(decided.map(({ command }) => command.id))
  const through = updates.filter(({ line }) => isThrough(replay.commands.get(line), verdicts)).length
  mustEqual(
    `every update became commands, each with a verdict: ${through} of ${updates.length}`,
    through,
    updates.length,
  )
  const sent = [...replay.commands.values()].flat()
  mustEqual(`${sent.length} commands were queued, and as many were decided, once each`, decided.length, sent.length)
  mustEqual('no command has two verdicts', verdicts.size, decided.length)
  mustEqual(
    'no command waits',
    crew.groups.flatMap(({ field }) => field.device.pending()),
    [],
  )
}

function isThrough(commands: readonly string[] | undefined, verdicts: ReadonlySet<string>): boolean {
  return commands !== undefined && commands.length > 0 && commands.every((id) => verdicts.has(id))
}

async function checkServer({ updates, replay, admin }: Finished, decided: readonly DecidedRecord[]) {
  const summaries = await allTickets(admin.api)
  const incidents = new Set(updates.map(({ incident }) => incident)).size
  mustEqual(`the server has ${incidents} tickets, one for each incident`, summaries.length, incidents)
  const tickets = await ticketsById(
    admin.api,
    summaries.map(({ id }) => id),
  )
  checkEffects(decided, tickets)
  mustEqual('every accepted comment, work log and ticket is there once, and no refused one', tickets.size, incidents)
  const ends = [...replay.cases.values()].filter(
    ({ ticketId, last }) => tickets.get(ticketId)?.status === statusOf(last.state),
  )
  return { asLogged: ends.length }
}

/** Why commands were not simply applied, the most frequent reason first. */
function printReasons(decided: readonly DecidedRecord[]): void {
  const counts = new Map<string, number>()
  for (const { command, verdict } of decided) {
    if (verdict.outcome === 'applied') continue
    const reason = `${verdict.outcome} ${verdict.code ?? ''} ${command.name}`
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const rows = [...counts].toSorted(([, a], [, b]) => b - a).map(([reason, count]) => [...reason.split(' '), count])
  heading('Why commands were not simply applied')
  printTable(['outcome', 'code', 'command', 'count'], rows)
}

function sum({ groups }: Crew, which: 'all' | 'whileRejoining'): number {
  return groups.reduce((total, { losses }) => total + losses[which], 0)
}
