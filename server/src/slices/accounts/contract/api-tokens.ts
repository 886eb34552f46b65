/** The operations on API tokens. */
import { z } from 'zod'
import { TokenScope } from '@rejoin/shared/access/access.ts'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { visibleName } from '@rejoin/shared/names.ts'
import { Instant } from '@rejoin/shared/values.ts'
import { SessionId } from './sessions.ts'

export const list = declareQuery({
  name: 'accounts.apiTokens.list',
  input: z.strictObject({ userId: z.string().optional() }).default({}),
  output: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(TokenScope),
      createdAt: Instant,
      expiresAt: Instant,
      lastSeenAt: Instant.nullable(),
      address: z.string().nullable(),
      userAgent: z.string().nullable(),
    }),
  ),
  action: 'signed-in',
  codes: ['forbidden'],
  rest: 'GET /api-tokens',
  doc: 'The reader’s API tokens by name, or with `session.manage` those of another person, without the tokens themselves.',
})

export const create = declare({
  name: 'api-token.create',
  input: z.strictObject({
    name: visibleName(80),
    scopes: z.array(TokenScope).min(1).max(100),
    days: z.int().min(1).max(365),
    password: z.string().max(200),
  }),
  output: z.object({ id: z.string(), token: z.string(), expiresAt: Instant }),
  action: 'signed-in',
  codes: ['conflict', 'wrong-credentials'],
  guard: 'sign-in',
  keeps: 'nothing',
  rest: 'POST /api-tokens',
  doc: 'Creates an API token with some scopes for some days. The token is returned once.',
})

export const revoke = declare({
  name: 'api-token.revoke',
  input: z.strictObject({ tokenId: SessionId }),
  output: z.void(),
  action: 'signed-in',
  codes: ['forbidden', 'not-found'],
  rest: 'DELETE /api-tokens/{tokenId}',
  answer: 'accounts.apiTokens.list',
  doc: 'Revokes an API token of the author, or with `session.manage` one of another person.',
})
