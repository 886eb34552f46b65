/** Making and taking back API tokens. Making one asks for the password: a stolen session must not outlive itself so. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { audit } from '../../../core/audit.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { forgiveAttempt } from '../../../core/api/throttle/attempts.ts'
import { OWN_PASSWORD } from '../guards.ts'
import { checkOwnPassword } from '../own-password.ts'
import { mustAnywhere } from '../queries.ts'
import { hashToken, newToken } from '../tokens.ts'
import * as contract from '../contract/api-tokens.ts'
import { API_TOKEN_PREFIX } from './queries.ts'

const DAY_MS = 24 * 3_600_000
const MOST = 50

export const createApiToken = implement(
  contract.create,
  { guard: OWN_PASSWORD, check: ({ read, actor }) => mustHaveRoom(read, actor.id), prepare: checkOwnPassword },
  async (context, { name, scopes, days }, { email }) => {
    const { tx, now, actor } = context
    await forgiveAttempt(context, OWN_PASSWORD, email)
    await mustHaveRoom(tx, actor.id)
    const token = `${API_TOKEN_PREFIX}${newToken()}`
    const id = hashToken(token)
    const expiresAt = now + days * DAY_MS
    const unused = { lastSeenAt: null, address: null, userAgent: null }
    await tx
      .insertInto('apiToken')
      .values({ id, userId: actor.id, name, scopes: JSON.stringify(scopes), createdAt: now, expiresAt, ...unused })
      .execute()
    audit(context, {
      type: 'api-token-created',
      subject: 'user',
      subjectId: actor.id,
      payload: { id, name, scopes, expiresAt },
    })
    return { id, token, expiresAt }
  },
)

async function mustHaveRoom(read: Read, userId: string): Promise<void> {
  const own = await read.selectFrom('apiToken').select('id').where('userId', '=', userId).execute()
  if (own.length >= MOST) throw new Refusal('conflict', `You already have ${MOST} tokens.`, 'Revoke some first.')
}

export const revokeApiToken = implement(contract.revoke, async (context, { tokenId }) => {
  const { tx, actor } = context
  const token = await tx.selectFrom('apiToken').select('userId').where('id', '=', tokenId).executeTakeFirst()
  if (token?.userId !== actor.id) mustAnywhere(actor, 'session.manage')
  if (token === undefined) throw new Refusal('not-found', 'There is no such token.', 'It may already be revoked.')
  await removeApiTokens(context, token.userId, tokenId)
})

/** Takes back all tokens of a person, or one. */
export async function removeApiTokens(context: CommandContext, userId: string, only?: string): Promise<void> {
  let removal = context.tx.deleteFrom('apiToken').where('userId', '=', userId)
  if (only !== undefined) removal = removal.where('id', '=', only)
  for (const { id, name } of await removal.returning(['id', 'name']).execute()) {
    audit(context, { type: 'api-token-revoked', subject: 'user', subjectId: userId, payload: { id, name } })
  }
}
