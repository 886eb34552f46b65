/**
 * The tRPC kernel: the only builder of procedures, which it makes of declared operations (`implement.ts`). Authentication,
 * the write path, cookies and the error table are settled here once.
 */
import { initTRPC, TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { Actor } from '@rejoin/shared/access/access.ts'
import type { AnyOperation, Command as Declaration, Query } from '@rejoin/shared/contract/operation.ts'
import { describeIssues, ERRORS, Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'
import type { AnswerSize } from './answer-size.ts'
import { RetryLater } from '../runtime/retry-later.ts'
import type { AnyCommand, Source } from '../command.ts'
import type { Commits } from '../commit/commit.ts'
import type { Read } from '../storage/db.ts'
import { commitGuarded } from './throttle/guarded.ts'
import type { Guard } from './throttle/guard.ts'
import { SYSTEM_ID } from '../ids.ts'
import type { ReadContext, Reports } from '../reports.ts'
import type { Done, Request } from '../commit/ports.ts'

export interface CallContext {
  readonly read: Read
  readonly commits: Commits
  readonly reports: Reports
  /** Null when nobody is signed in. */
  readonly actor: Actor | null
  readonly source: Source
  readonly cookie: Cookie
  /**
   * Of the request, all calls of a batch together. The answer of a command is small and is never refused for its size: the
   * command has taken effect.
   */
  readonly answerSize: AnswerSize
  /** The id under which a mutation is to take effect at most once. */
  readonly commandId: string | undefined
  /** Hears of every answer, with the declaration of its operation. */
  readonly answered?: Answered | undefined
  now(): number
}

export type Answered = (
  operation: AnyOperation,
  answer: { readonly code: ErrorCode } | { readonly output: unknown },
) => void

/** The cookie in which a page of this server keeps its token. */
export interface Cookie {
  /** Whether the caller's token came in the cookie. */
  readonly isUsed: boolean
  /** Whether the request comes from a page of this server. */
  readonly isOurs: boolean
  /** Sets the cookie; null removes it. */
  set(token: string | null, expiresAt: number): void
}

/** The context of a query. */
export interface QueryContext extends ReadContext {
  readonly reports: Reports
}

export type PublicContext = Pick<QueryContext, 'read' | 'now'>

const t = initTRPC
  .context<CallContext>()
  .meta<{ readonly operation: AnyOperation }>()
  .create({
    isDev: false,
    errorFormatter({ shape, error }) {
      const { code, message, hint } = answerOf(error)
      const retryAfter = retryAfterOf(error)
      return {
        ...shape,
        message,
        data: { code, hint, retryAfter, httpStatus: ERRORS[code].status, path: shape.data.path },
      }
    },
  })

export const router = t.router

const answered = t.procedure.use(async ({ ctx, meta, next }) => {
  const result = await next()
  if (meta !== undefined) {
    ctx.answered?.(
      meta.operation,
      result.ok ? { output: outputOf(meta.operation, result.data) } : answerOf(result.error),
    )
  }
  if (!result.ok && result.error.cause instanceof Refusal) {
    const { cause } = result.error
    throw new TRPCError({ code: ERRORS[cause.code].trpc, message: cause.message, cause })
  }
  return result
})

const signedIn = answered.use(async ({ ctx, next }) => {
  if (ctx.actor === null) throw new Refusal('unauthenticated', 'Nobody is signed in.', 'Sign in and try again.')
  return await next({ ctx: { ...ctx, actor: ctx.actor } })
})

/** An output whose token may have gone into a cookie. */
export type Hidden<Output> = Omit<Output, 'token'> & { readonly token: string | null }

export type Applied<Output> = Done<Output> & { output: Output }

/** A declared command as a procedure. Its types are settled in `implement.ts`. */
export function commandProcedure(declaration: Declaration, command: AnyCommand, guard?: Guard<never>) {
  const door = declaration.isPublic ? answered : signedIn
  return door
    .meta({ operation: declaration })
    .input(unparsed)
    .mutation(async ({ ctx, input }) => {
      const done = await commit(ctx, { declaration, command, guard }, input)
      return declaration.keeps === 'token' && ctx.cookie.isUsed ? intoCookie(ctx, done) : done
    })
}

/** Like `commandProcedure`, for pages of this server: the token of the output goes into a cookie. */
export function cookieProcedure(declaration: Declaration, command: AnyCommand, guard?: Guard<never>) {
  return answered
    .meta({ operation: declaration })
    .input(unparsed)
    .mutation(async ({ ctx, input }) => {
      if (!ctx.cookie.isOurs) {
        throw new Refusal(
          'forbidden',
          'Only pages of this server may sign in with a cookie.',
          'Use the token of `logIn`.',
        )
      }
      return intoCookie(ctx, await commit(ctx, { declaration, command, guard }, input))
    })
}

/** A declared query as a procedure. */
export function queryProcedure(declaration: Query, read: (context: never, input: never) => unknown) {
  const door = declaration.isPublic ? answered : signedIn
  return door
    .meta({ operation: declaration })
    .input(declaration.input)
    .query(({ ctx, input }) => {
      const { reports, actor, source } = ctx
      // A public query is typed to see neither actor nor session.
      const context = { read: ctx.read, reports, actor, sessionId: source.sessionId, now: ctx.now() }
      return ctx.answerSize.weigh(() => read(context as never, input as never))
    })
}

/** The commit path parses the input, so that a refused one has a receipt. */
const unparsed = (raw: unknown) => raw

interface Door {
  readonly declaration: Declaration
  readonly command: AnyCommand
  readonly guard: Guard<never> | undefined
}

function commit(ctx: CallContext, { declaration, command, guard }: Door, input: unknown) {
  const actorId = declaration.isPublic || ctx.actor === null ? SYSTEM_ID : ctx.actor.id
  if (guard !== undefined) return commitGuarded(ctx, { command, guard }, { actorId, input })
  return ctx.commits.commitOrThrow(command, input, { actorId, source: ctx.source, ...receiptFor(ctx, declaration) })
}

/** A receipt keeps input and output, so a command that must leave neither takes no command id. */
function receiptFor({ commandId, actor }: CallContext, { isPublic, keeps }: Declaration): Partial<Request> {
  if (isPublic) return {}
  return { scopes: actor?.scopes, ...(keeps === 'receipt' && { id: commandId }) }
}

/** A token that opens only the second step is no session, and stays in the answer. */
function intoCookie({ cookie }: CallContext, done: Applied<unknown>): Applied<unknown> {
  const output = done.output as { readonly token: string | null; readonly expiresAt: number; readonly opens?: string }
  if (output.opens !== undefined && output.opens !== 'session') return done
  cookie.set(output.token, output.expiresAt)
  return { ...done, output: { ...output, token: null } }
}

function outputOf({ type }: AnyOperation, answer: unknown): unknown {
  return type === 'command' ? (answer as Applied<unknown>).output : answer
}

/** When the same call is welcome, in ms from now; undefined when that is not known. */
export function retryAfterOf({ cause }: TRPCError): number | undefined {
  return cause instanceof RetryLater ? cause.retryAfterMs : undefined
}

function answerOf(error: TRPCError): { code: ErrorCode; message: string; hint: string | undefined } {
  const { cause } = error
  if (cause instanceof Refusal) return { code: cause.code, message: cause.message, hint: cause.hint }
  if (cause instanceof z.ZodError) return { code: 'invalid', message: describeIssues(cause), hint: undefined }
  if (error.code === 'INTERNAL_SERVER_ERROR') {
    return { code: 'internal', message: 'The server failed on this request.', hint: 'The cause is in the log.' }
  }
  const code = CODES[error.code] ?? 'invalid'
  return { code, message: error.message, hint: undefined }
}

/** The errors of tRPC itself, before a procedure runs. */
const CODES: Partial<Record<TRPCError['code'], ErrorCode>> = {
  NOT_FOUND: 'not-found',
  PAYLOAD_TOO_LARGE: 'too-large',
  UNAUTHORIZED: 'unauthenticated',
  FORBIDDEN: 'forbidden',
}
