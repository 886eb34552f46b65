/**
 * Deciding parked commands: a supervisor approves or rejects one, its author withdraws it. Commands of one group share
 * their fate. It refuses to decide twice: the second person is told the first decision.
 */
import * as declared from '@rejoin/shared/parked/commands.ts'
import type { Serving } from '../../core/api/router-of.ts'
import { Refusal, isErrorCode } from '@rejoin/shared/errors.ts'
import { getPerson } from '../accounts/queries.ts'
import { implement } from '../../core/api/implement.ts'
import type { Answer } from '../../core/command.ts'
import type { Receipt } from '../../core/commit/receipts.ts'
import type { Read } from '../../core/storage/db.ts'
import * as contract from './contract.ts'
import { failureIn, judgeAgain, settle, settleWaiting } from './decide.ts'
import { getOwn, getReviewed, groupOf, unmetOf } from './queries.ts'

/** Runs it again with the approver's authority. Throws what the rules refuse even so; then it stays parked. */
export const approveParked = implement(contract.approve, async (context, { commandId }) => {
  const { tx, actor } = context
  const members = await undecided(tx, await getReviewed(tx, actor, commandId))
  await mustNotWait(tx, members)
  const answers = await judgeAgain(context, members, actor)
  const failure = failureIn(answers)
  if (failure !== undefined) throw refusalOf(failure)
  for (const [index, member] of members.entries()) await settle(context, member, answers[index] ?? done)
  await settleWaiting(context, members)
})

const done: Answer = { outcome: 'applied' }

export const rejectParked = implement(contract.reject, { room: 'reserve' }, async (context, { commandId, reason }) => {
  const { tx, actor } = context
  const members = await undecided(tx, await getReviewed(tx, actor, commandId))
  const answer = {
    outcome: 'refused',
    code: 'rejected',
    message: reason,
    hint: `${actor.name} decided this.`,
  } as const
  for (const member of members) await settle(context, member, answer)
  await settleWaiting(context, members)
})

/** Comes from the author's device. A decision made before it arrived stands. */
export const withdrawParked = implement(
  declared.withdrawParked,
  { room: 'reserve' },
  async (context, { commandId }) => {
    const { tx, actor } = context
    const receipt = await getOwn(tx, actor, commandId)
    if (receipt.outcome !== 'parked') {
      if (receipt.code !== 'withdrawn') context.adjust('already-done', `${decisionOn(tx, receipt)} That stands.`)
      return
    }
    const members = await groupOf(tx, receipt)
    const answer = { outcome: 'refused', code: 'withdrawn', message: 'The author withdrew it.' } as const
    for (const member of members) await settle(context, member, answer)
    await settleWaiting(context, members)
  },
)

/** The command with those of its group. Throws `Refusal('conflict')` when it is decided. */
async function undecided(read: Read, receipt: Receipt): Promise<Receipt[]> {
  if (receipt.outcome === 'parked') return await groupOf(read, receipt)
  throw new Refusal('conflict', decisionOn(read, receipt), 'Check the current state of the ticket.')
}

function decisionOn(read: Read, { outcome, decidedBy }: Receipt): string {
  if (decidedBy === null) return `This work was ${outcome} on arrival.`
  return `This work was ${outcome} by ${getPerson(read, decidedBy).name}.`
}

/** Work is done in the order in which its author did it. */
async function mustNotWait(read: Read, members: readonly Receipt[]): Promise<void> {
  for (const member of members) {
    const first = (await unmetOf(read, member)).find(({ outcome }) => outcome === 'parked')
    if (first === undefined) continue
    throw new Refusal(
      'conflict',
      `This work depends on an earlier ${first.name} by its author, which is parked.`,
      'Decide that first.',
    )
  }
}

function refusalOf({ code = 'internal', message = '', hint }: Answer): Refusal {
  return new Refusal(isErrorCode(code) ? code : 'internal', message, hint)
}

/** The commands that devices share. */
export const parkedProcedures = { withdraw: withdrawParked } satisfies Serving<typeof declared.parkedCommands>
