/** What levels ask for beside telling: a higher priority, somebody else. By the commands that a person would use. */
import type { Level } from '../engine/policy.ts'
import { rankOf } from '@rejoin/shared/priority.ts'
import { getActor } from '../../accounts/queries.ts'
import type { Call, CommandContext } from '../../../core/command.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { TICKET_COMMANDS } from '../../tickets/commands.ts'
import { getTicket } from '../../tickets/queries.ts'

/** One that cannot be taken (somebody is gone, the ticket is done) is left out, and the level stays told. */
export async function takeMeasures(context: CommandContext, ticketId: string, levels: readonly Level[]): Promise<void> {
  const actor = getActor(context.tx, SYSTEM_ID)
  for (const level of levels) {
    for (const { name, input } of measuresOf(context, ticketId, level)) {
      const call: Call = {
        command: TICKET_COMMANDS[name],
        input: { ticketId, ...input },
        effectiveAt: context.now,
        seen: Number.POSITIVE_INFINITY,
      }
      await context.callTogether([call], { actor, deviceId: null, approver: null })
    }
  }
}

interface Measure {
  readonly name: 'ticket.edit' | 'ticket.unassign' | 'ticket.assign' | 'ticket.move'
  readonly input: Readonly<Record<string, unknown>>
}

function measuresOf({ tx }: CommandContext, ticketId: string, { raisePriority, reassign }: Level): Measure[] {
  const { priority } = getTicket(tx, ticketId)
  const measures: Measure[] = []
  if (raisePriority !== undefined && rankOf(raisePriority) > rankOf(priority)) {
    measures.push({ name: 'ticket.edit', input: { set: { priority: raisePriority } } })
  }
  if (reassign === 'queue') measures.push({ name: 'ticket.unassign', input: {} })
  else if (reassign !== undefined && 'userId' in reassign) {
    measures.push({ name: 'ticket.assign', input: { agentId: reassign.userId } })
  } else if (reassign !== undefined) measures.push({ name: 'ticket.move', input: reassign })
  return measures
}
