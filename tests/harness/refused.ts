/** What a call that is refused comes back with. */
import { TRPCClientError } from '@trpc/client'
import type { AppRouter } from '@rejoin/server/router.ts'

/** The code of the refusal, or `done` for a call that goes through. Rejects with anything that is no refusal. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'done'
  } catch (error) {
    if (error instanceof TRPCClientError) return codeIn(error) ?? Promise.reject(error)
    throw error
  }
}

function codeIn(error: TRPCClientError<AppRouter>): string | undefined {
  return error.data?.code
}
