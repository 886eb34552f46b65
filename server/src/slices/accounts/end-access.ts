/** Ends everything that lets a person in: their sessions and their API tokens. The account itself stays as it is. */
import { implement } from '../../core/api/implement.ts'
import type { CommandContext } from '../../core/command.ts'
import { removeApiTokens } from './api-tokens/commands.ts'
import { getPerson, mustAnywhere } from './queries.ts'
import { revokeSessions } from './sessions/commands.ts'
import * as contract from './contract/sessions.ts'

export const revokeSessionsOf = implement(contract.revokeSessionsOf, async (context, { userId }) => {
  mustAnywhere(context.actor, 'session.manage')
  const { id } = getPerson(context.tx, userId)
  return { ended: await endAccess(context, id) }
})

/** Returns how many sessions ended. */
export async function endAccess(context: CommandContext, userId: string): Promise<number> {
  await removeApiTokens(context, userId)
  return revokeSessions(context, userId)
}
