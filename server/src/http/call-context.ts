/** The request of a tRPC call: its caller, its origin, and the cookie in which a page keeps its token. */
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { serialize } from 'hono/utils/cookie'
import { needsSignIn, Refusal } from '@rejoin/shared/errors.ts'
import { getActor } from '../slices/accounts/queries.ts'
import type { App } from '../app.ts'
import { AnswerSize } from '../core/api/answer-size.ts'
import type { CallContext, Cookie } from '../core/api/procedures.ts'
import { cookieNames, credentialsOf, isFromHere, type Asked } from '../access/credentials.ts'
import { authenticate, clientOf, type Identity, type Client } from '../access/authenticate.ts'
import { mustBeFor } from '../access/token-scopes.ts'
import { operations } from '../router.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export async function callContext(
  app: App,
  context: Context,
  { paths, isBatch, headers }: { paths: readonly string[]; isBatch: boolean; headers: Headers },
): Promise<CallContext> {
  const { read, commits, reports, now } = app
  const asked = askedBy(app, context)
  const { session, client, isCookie } = await callerOf(app, context)
  if (session !== null && session.scopes !== null) mustBeFor(operations, session.scopes, paths)
  const actor = session === null ? null : findActor(app, session)
  return {
    read,
    commits,
    reports,
    now,
    actor,
    source: { sessionId: session?.id ?? null, ...client },
    cookie: cookieIn(app, headers, { asked, isUsed: isCookie && session !== null }),
    answerSize: new AnswerSize(app.pace),
    commandId: commandIdOf(asked, isBatch),
    answered: app.answered,
  }
}

/** The caller of a request, and its origin. */
export interface RequestCaller {
  readonly session: Identity | null
  /** Why the session of the token has ended, if known. */
  readonly refusal: Refusal | null
  readonly client: Client
  readonly isCookie: boolean
}

const callers = new WeakMap<Request, Promise<RequestCaller>>()

/** Looked up once for each request. */
export function callerOf(app: App, context: Context): Promise<RequestCaller> {
  const known = callers.get(context.req.raw) ?? findCaller(app, context)
  callers.set(context.req.raw, known)
  return known
}

async function findCaller(app: App, context: Context): Promise<RequestCaller> {
  const { token, isCookie } = credentialsOf(askedBy(app, context))
  const client = clientOfCall(app, context)
  try {
    return { session: await authenticate(app, token, client), refusal: null, client, isCookie }
  } catch (error) {
    if (error instanceof Refusal && needsSignIn(error.code)) return { session: null, refusal: error, client, isCookie }
    throw error
  }
}

function askedBy({ config }: App, { req }: Context): Asked {
  const isSafe = req.method === 'GET' || req.method === 'HEAD'
  return { header: (name) => req.raw.headers.get(name), isSafe, publicUrl: config.publicUrl }
}

function clientOfCall({ config }: App, context: Context): Client {
  const { remote } = getConnInfo(context)
  return clientOf((name) => context.req.raw.headers.get(name), remote.address, config.proxies)
}

function cookieIn(
  { config, now }: App,
  headers: Headers,
  { asked, isUsed }: { asked: Asked; isUsed: boolean },
): Cookie {
  const [name, ...former] = cookieNames(config.publicUrl)
  const secure = config.publicUrl.startsWith('https:')
  const attributes = { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const
  return {
    isUsed,
    isOurs: isFromHere(asked),
    set(token, expiresAt) {
      const maxAge = token === null ? 0 : Math.floor((expiresAt - now()) / 1000)
      headers.append('set-cookie', serialize(name, token ?? '', { ...attributes, maxAge }))
      for (const each of former) headers.append('set-cookie', serialize(each, '', { ...attributes, maxAge: 0 }))
    },
  }
}

function commandIdOf({ header }: Asked, isBatch: boolean): string | undefined {
  const id = header('idempotency-key') ?? undefined
  if (id !== undefined && isBatch) {
    throw new Refusal(
      'invalid',
      'Idempotency-Key: it applies to one command, but this is a batch.',
      'Send the call alone.',
    )
  }
  if (id !== undefined && !UUID.test(id)) {
    throw new Refusal('invalid', 'Idempotency-Key: must be a UUID.', 'Generate a new one for each command.')
  }
  return id?.toLowerCase()
}

/** Null if the account is no longer active. */
function findActor(app: App, { userId, scopes }: Identity): CallContext['actor'] {
  try {
    return { ...getActor(app.read, userId), scopes: scopes ?? undefined }
  } catch (error) {
    if (error instanceof Refusal && needsSignIn(error.code)) return null
    throw error
  }
}
