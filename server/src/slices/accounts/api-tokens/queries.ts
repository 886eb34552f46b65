/** Reading API tokens. */
import type { Action } from '@rejoin/shared/access/access.ts'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import type { Read } from '../../../core/storage/db.ts'
import { prepared } from '../../../core/storage/prepared.ts'
import { JUMP_MS } from '../../../core/runtime/steadiness.ts'
import { storedJson } from '../../../core/storage/stored-json.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { mustAnywhere } from '../queries.ts'
import { hashToken } from '../tokens.ts'
import type { list } from '../contract/api-tokens.ts'

/** By which a token is known from that of a session, also by those who look for leaked ones. */
export const API_TOKEN_PREFIX = 'rejoin_api_'

export interface ApiToken {
  readonly id: string
  readonly userId: string
  readonly scopes: readonly Action[]
}

/** Null when it is unknown, revoked or expired. */
export function findApiToken(read: Read, now: number, token: string): ApiToken | null {
  const [row] = tokenRows(read, { id: hashToken(token) })
  // A token dated into the future by a clock that was ahead is invalid before its date, or it would last that much
  // longer.
  if (row === undefined || row.expiresAt <= now || row.createdAt > now + JUMP_MS) return null
  return {
    id: row.id,
    userId: row.userId,
    scopes: storedJson<Action[]>(read, row.scopes, `The scopes of the API token ${row.id.slice(0, 8)}`, []),
  }
}

const tokenRows = prepared<{ id: string }>()((read, param) =>
  read
    .selectFrom('apiToken')
    .select(['id', 'userId', 'scopes', 'createdAt', 'expiresAt'])
    .where('id', '=', param('id')),
)

/**
 * One's own tokens, or somebody else's for an administrator, by name. The tokens themselves are with their users only.
 */
export async function apiTokensOf({ read, actor }: QueryContext, { userId = actor.id }: ParsedOf<typeof list>) {
  if (userId !== actor.id) mustAnywhere(actor, 'session.manage')
  const rows = await read
    .selectFrom('apiToken')
    .select(['id', 'name', 'scopes', 'createdAt', 'expiresAt', 'lastSeenAt', 'address', 'userAgent'])
    .where('userId', '=', userId)
    .orderBy('name')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    ...row,
    scopes: storedJson<Action[]>(read, row.scopes, `The scopes of the API token ${row.id.slice(0, 8)}`, []),
  }))
}
