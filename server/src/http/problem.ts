/** Refusals as answers of HTTP. */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ERRORS, Refusal, wipes } from '@rejoin/shared/errors.ts'
import { RetryLater } from '../core/runtime/retry-later.ts'
import { Cloned } from '../doors/sync/greetings.ts'

export function bodyOf(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError(context) {
      // The rest of the body is not read, so nothing else can follow on this connection.
      context.header('connection', 'close')
      const message = `The body of this request is too large; the limit is ${maxSize} bytes.`
      return problem(context, new Refusal('too-large', message, 'Send the work in smaller parts.'))
    },
  })
}

/** An RFC 9457 problem document. */
export function problem(context: Context, refusal: Refusal): Response {
  const { code, message, hint } = refusal
  const { status } = ERRORS[code]
  const retryAfter = refusal instanceof RetryLater ? refusal.retryAfterMs : undefined
  const body = {
    type: 'about:blank',
    title: code,
    status,
    detail: message,
    code,
    hint,
    retryAfter,
    become: refusal instanceof Cloned ? refusal.become : undefined,
    // A tRPC client reads it as the answer to each of its calls.
    ...(context.req.path.startsWith('/trpc/') && {
      error: { message, code: -32_600, data: { code, hint, retryAfter } },
    }),
    ...(wipes(code) && { wipe: true }),
  }
  if (retryAfter !== undefined) context.header('retry-after', String(Math.ceil(retryAfter / 1000)))
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}
