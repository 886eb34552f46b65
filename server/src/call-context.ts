/** What a tRPC call knows of its request: who asks, from where, and the cookie in which a page keeps its token. */
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { serialize } from 'hono/utils/cookie'
import { needsSignIn, Refusal } from '@rejoin/shared/errors.ts'
import { getActor } from './accounts/queries.ts'
import { SESSION_COOKIE } from './accounts/sessions.ts'
import type { App } from './app.ts'
import type { CallContext, Cookie } from './core/trpc.ts'
import { credentialsOf, isFromHere, type Asked } from './credentials.ts'
import { identify, placeOf, type Place } from './identify.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export async function callContext(
  app: App,
  context: Context,
  { isBatch, headers }: { isBatch: boolean; headers: Headers },
): Promise<CallContext> {
  const { read, commits, now } = app
  const asked = askedBy(app, context)
  const { token, isCookie } = credentialsOf(asked)
  const place = placeOfCall(app, context)
  const { session, actor } = await callerOf(app, token, place)
  return {
    read,
    commits,
    now,
    actor,
    source: { sessionId: session?.id ?? null, ...place },
    cookie: cookieIn(app, headers, { asked, isUsed: isCookie && session !== null }),
    commandId: commandIdOf(asked, isBatch),
  }
}

/** The session behind a request that is no call, and from where it comes. */
export async function sessionOf(app: App, context: Context): Promise<{ id: string; userId: string } | null> {
  return identify(app, credentialsOf(askedBy(app, context)).token, placeOfCall(app, context))
}

function askedBy({ config }: App, { req }: Context): Asked {
  const isSafe = req.method === 'GET' || req.method === 'HEAD'
  return { header: (name) => req.raw.headers.get(name), isSafe, publicUrl: config.publicUrl }
}

function placeOfCall({ config }: App, context: Context): Place {
  const { remote } = getConnInfo(context)
  return placeOf((name) => context.req.raw.headers.get(name), remote.address, config.proxies)
}

function cookieIn(
  { config, now }: App,
  headers: Headers,
  { asked, isUsed }: { asked: Asked; isUsed: boolean },
): Cookie {
  const secure = config.publicUrl.startsWith('https:')
  return {
    isUsed,
    isOurs: isFromHere(asked),
    set(token, expiresAt) {
      const maxAge = token === null ? 0 : Math.floor((expiresAt - now()) / 1000)
      const attributes = { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge } as const
      headers.append('set-cookie', serialize(SESSION_COOKIE, token ?? '', attributes))
    },
  }
}

function commandIdOf({ header }: Asked, isBatch: boolean): string | undefined {
  const id = header('idempotency-key') ?? undefined
  if (id !== undefined && isBatch) {
    throw new Refusal('invalid', 'Idempotency-Key: it names one command, and this is a batch.', 'Send the call alone.')
  }
  if (id !== undefined && !UUID.test(id)) {
    throw new Refusal('invalid', 'Idempotency-Key: it must be a UUID.', 'Mint one for each command.')
  }
  return id
}

/** Somebody whose account is no longer active is nobody. */
async function callerOf(app: App, token: string | null, place: Place) {
  try {
    const session = await identify(app, token, place)
    if (session !== null) return { session, actor: await getActor(app.read, session.userId) }
  } catch (error) {
    if (!(error instanceof Refusal && needsSignIn(error.code))) throw error
  }
  return { session: null, actor: null }
}
