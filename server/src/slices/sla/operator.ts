/** `rejoin sla explain` and `rejoin sla recompute`: the operator's look at clocks, on the data as it is on disk. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { driftOf, mendTickets, type Drift } from './clocks/recompute.ts'
import { explanationOf } from './reports/explain.ts'

/** `number` as `TKT-0042`. Throws `Refusal('not-found')`. */
export async function explainNumber(read: Read, number: string, { now, json }: { now: number; json: boolean }) {
  const ticket = await read.selectFrom('ticket').select('id').where('number', '=', number).executeTakeFirst()
  if (ticket === undefined)
    throw new Refusal('not-found', `There is no ticket ${number}.`, 'Ticket numbers look like TKT-0042.')
  const explanation = await explanationOf(read, ticket.id, now)
  if (json) return `${JSON.stringify(explanation)}\n`
  const choices = explanation.choices.map(
    ({ effectiveAt, policy, rule, priority }) =>
      `${new Date(effectiveAt).toISOString()}  ${policy === null ? 'no policy matches' : `policy "${policy}" by rule ${(rule ?? 0) + 1}`}, priority ${priority}`,
  )
  return [number, ...choices, '', ...explanation.clocks.map(({ text }) => text)].join('\n')
}

/** A line for each field that does not follow from the log. */
export async function* driftLines(read: Read, now: () => number): AsyncGenerator<Drift> {
  let after = ''
  for (;;) {
    const rows = await read.selectFrom('ticket').select('id').where('id', '>', after).orderBy('id').limit(500).execute()
    for (const { id } of rows) yield* driftOf(read, id, now())
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

export async function mendDrifting(commits: Commits, ticketIds: readonly string[]): Promise<void> {
  for (let at = 0; at < ticketIds.length; at += 500) {
    const some = ticketIds.slice(at, at + 500)
    await commits.commitOrThrow(mendTickets, { ticketIds: some }, { actorId: SYSTEM_ID })
  }
}
