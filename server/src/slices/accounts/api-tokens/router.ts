import { z } from 'zod'
import { mutation, query, router } from '../../../core/api/procedures.ts'
import { OWN_PASSWORD } from '../guards.ts'
import { createApiToken, revokeApiToken } from './commands.ts'
import { apiTokensOf } from './queries.ts'

export const apiTokens = router({
  list: query(z.strictObject({ userId: z.string().optional() }).default({}), apiTokensOf),
  create: mutation(createApiToken, OWN_PASSWORD),
  revoke: mutation(revokeApiToken),
})
