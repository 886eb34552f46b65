/** Batches of calls: counts the calls of a request, and limits them. */
import type { MiddlewareHandler } from 'hono'
import { Refusal } from '@rejoin/shared/errors.ts'
import { MAX_CALLS } from '@rejoin/shared/sync/wire.ts'

/** Counts calls like tRPC. */
export function callsOf(url: string): number {
  const { pathname, searchParams } = new URL(url)
  return searchParams.get('batch') === '1' ? pathname.split(',').length : 1
}

/** Throws `Refusal('too-large')` before any part of the body is read. */
export const fewCalls: MiddlewareHandler = async (context, next) => {
  const calls = callsOf(context.req.url)
  if (calls <= MAX_CALLS) return await next()
  const message = `A batch holds at most ${MAX_CALLS} calls; this one holds ${calls}. None of them was run.`
  throw new Refusal('too-large', message, 'Send them in several batches.')
}
