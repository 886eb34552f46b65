/** Tickets become as large as they may, and one is larger from before there was a limit. */
import type { Random } from '../../harness/random.ts'
import { overfill } from '../../harness/overfill.ts'
import { idFrom } from './actions.ts'
import { begin, type Run } from './run.ts'
import { hangUp } from './faults.ts'

/** Forty of them are more than a document holds. */
const COMMENTS = 40
const LARGE = '界'.repeat(20_000)

/** Somebody at a desk writes into a ticket until nothing more fits. It takes a while, so few runs do it. */
export function fillTicket(run: Run, random: Random): void {
  const [desk] = run.callers
  const ticketId = run.ticketIds.at(-1)
  if (desk === undefined || ticketId === undefined || random.below(4) > 0) return
  run.book.fault('ticket filled up')
  run.book.note(`${desk.member.name} fills ${ticketId}`)
  for (let each = 0; each < COMMENTS; each += 1) {
    const input = { ticketId, commentId: idFrom(random), body: LARGE, visibility: 'internal' }
    begin(run, desk.send(idFrom(random), 'comment.add', input))
  }
}

/** A server from before the limit had let the ticket grow. */
export async function overfillTicket(run: Run, random: Random): Promise<void> {
  if (run.ticketIds.length === 0) return
  const ticketId = random.pick(run.ticketIds)
  run.counts.restarts += 1
  await run.site.crash({
    hangUp: () => hangUp(run),
    whileDown: async (dataDir) => {
      if (!overfill(dataDir, ticketId)) return
      run.book.fault('ticket too large for any device')
      run.book.note(`${ticketId} is too large`)
      run.book.overfull.add(ticketId)
    },
  })
}
