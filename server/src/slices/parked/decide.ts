/**
 * Writes a new verdict over a parked one, and settles the commands that waited for it. Every change of a verdict is
 * told to the author's devices: devices behind its `seq` find it in their catch-up, connected devices are woken.
 */
import type { Actor } from '@rejoin/shared/access/access.ts'
import { isDeviceCommand } from '@rejoin/shared/commands.ts'
import { getAuthor, userTopic } from '../accounts/queries.ts'
import type { AnyCommand, Answer, Call, CommandContext } from '../../core/command.ts'
import { hasFailed } from '../../core/commit/outcome.ts'
import type { Receipt } from '../../core/commit/receipts.ts'
import type { Event } from '../../core/events.ts'
import { TICKET_COMMANDS } from '../tickets/commands.ts'
import { findTicket } from '../tickets/queries.ts'
import type { parkedEvents } from './events.ts'
import { askedFor, groupOf, idsIn, isRefusedByPerson, refusalAfter, unmetOf, waitingBeside } from './queries.ts'

/**
 * Runs parked commands again as one, in their author's name and at their time, which the approval makes good where it
 * was too long ago to count by itself. Returns the answers, in their order.
 */
export async function judgeAgain(
  { tx, callTogether }: CommandContext,
  members: readonly Receipt[],
  approver: Actor | null,
): Promise<Answer[]> {
  const [first] = members
  if (first === undefined) return []
  const calls: Call[] = []
  for (const receipt of members) {
    const asked = askedFor(tx, receipt)
    if (asked === null) return members.map(() => damagedInput(receipt))
    const { claimedAt, seen } = receipt
    const effectiveAt = claimedAt ?? receipt.effectiveAt
    const command = commandNamed(asked.name)
    calls.push({ command, input: asked.input, effectiveAt, seen: seen ?? Number.POSITIVE_INFINITY })
  }
  return await callTogether(calls, { actor: getAuthor(tx, first.actorId), deviceId: first.deviceId, approver })
}

/** The author's device still has the input. */
function damagedInput({ name }: Receipt): Answer {
  const message = `The input of this ${name} is damaged in the database.`
  return {
    outcome: 'refused',
    code: 'conflict',
    message,
    hint: 'Its author finds it in the inbox and can do it again.',
  }
}

/** Only commands that a device may queue ever park for a person. */
function commandNamed(name: string): AnyCommand {
  if (isDeviceCommand(name) && name !== 'parked.withdraw') return TICKET_COMMANDS[name]
  throw new Error(`no command ${name} can have been parked`)
}

export async function settle(context: CommandContext, receipt: Receipt, answer: Answer): Promise<void> {
  const { tx, actor, now, seq, wake, event } = context
  const { outcome, code, message, hint } = answer
  const isDecided = outcome !== 'parked'
  await tx
    .updateTable('receipt')
    .set({
      outcome,
      code: code ?? null,
      message: message ?? null,
      hint: hint ?? null,
      waitsFor: null,
      decidedAt: isDecided ? now : null,
      decidedBy: isDecided ? actor.id : null,
      decidedSeq: seq,
    })
    .where('id', '=', receipt.id)
    .execute()
  const payload = { commandId: receipt.id, name: receipt.name, authorId: receipt.actorId, outcome, code, message }
  const subject = subjectOf(context, receipt)
  if (isDecided) await event({ ...subject, type: 'command-decided', payload })
  // A command that parks again counts as its author's doing, so the person who decided the first part hears of it as well.
  else await event({ ...subject, type: 'command-parked', actorId: receipt.actorId, payload })
  wake(userTopic(receipt.actorId))
}

/** The ticket that a command is about; the command itself where there is no such ticket. */
function subjectOf(
  { tx }: CommandContext,
  { id, subjectId }: Receipt,
): Pick<Event<keyof typeof parkedEvents>, 'subject' | 'subjectId'> {
  const ticket = findTicket(tx, subjectId ?? '')
  return ticket === undefined ? { subject: 'command', subjectId: id } : { subject: 'ticket', subjectId: ticket.id }
}

/**
 * Judges again the commands that waited for `decided`, by their author's own rights, and refuses those that waited for
 * a command that a person has refused. One pass is enough: a command waits for earlier ones only.
 */
export async function settleWaiting(context: CommandContext, decided: readonly Receipt[]): Promise<void> {
  const moved = new Set(decided.map(({ id }) => id))
  const [first] = decided
  if (first === undefined) return
  for (const receipt of await waitingBeside(context.tx, first)) {
    if (moved.has(receipt.id) || !idsIn(context.tx, receipt).some((id) => moved.has(id))) continue
    const members = await groupOf(context.tx, receipt)
    const answers = await answersNow(context, members)
    if (answers === null) continue
    for (const [index, member] of members.entries()) {
      await settle(context, member, answers[index] ?? { outcome: 'parked' })
      moved.add(member.id)
    }
  }
}

/** Null while they have to wait on. */
async function answersNow(context: CommandContext, members: readonly Receipt[]): Promise<Answer[] | null> {
  const unmet = (await Promise.all(members.map((member) => unmetOf(context.tx, member)))).flat()
  const refused = unmet.find(isRefusedByPerson)
  if (refused !== undefined) {
    const { code, message, hint } = refusalAfter(refused)
    return members.map(() => ({ outcome: 'refused', code, message, hint }))
  }
  if (unmet.length > 0) return null
  return judgeAgain(context, members, null)
}

/** The first of the answers that did not go through. */
export function failureIn(answers: readonly Answer[]): Answer | undefined {
  return answers.find((answer) => hasFailed(answer) && answer.code !== 'group') ?? answers.find(hasFailed)
}
