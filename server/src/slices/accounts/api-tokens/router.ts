/** The API of API tokens. */
import { answer } from '../../../core/api/implement.ts'
import { router } from '../../../core/api/procedures.ts'
import { proceduresOf } from '../../../core/api/router-of.ts'
import { createApiToken, revokeApiToken } from './commands.ts'
import { list } from '../contract/api-tokens.ts'
import { apiTokensOf } from './queries.ts'

export const apiTokens = router(
  proceduresOf({ list: answer(list, apiTokensOf), create: createApiToken, revoke: revokeApiToken }),
)
