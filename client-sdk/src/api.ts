/** The server's typed tRPC API, for operations that need the server: signing in, set-up, search, reports. */
import { createTRPCClient, httpBatchLink, type HTTPHeaders, type TRPCClient } from '@trpc/client'
import { Refusal } from '@rejoin/shared/errors.ts'
import { MAX_CALLS } from '@rejoin/shared/sync/wire.ts'
import type { AppRouter } from '@rejoin/server/router.ts'

export type Api = TRPCClient<AppRouter>

/**
 * A client of the server at `url` (its origin, with a path where it is not at the root), as the person whose session
 * token is given. Calls reject with a `TRPCClientError`. Throws `Refusal('invalid')` for a malformed `url`.
 */
export function connectApi(url: string, token?: string, fetch?: typeof globalThis.fetch): Api {
  return apiFor(url, () => token ?? null, fetch)
}

/** As `connectApi`, with a token that may change: each call asks for it. */
export function apiFor(url: string, token: () => string | null, fetch?: typeof globalThis.fetch): Api {
  const headers = (): HTTPHeaders => {
    const current = token()
    return current === null ? {} : { authorization: `Bearer ${current}` }
  }
  const send = fetch ?? globalThis.fetch
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: doorOf(url, 'trpc'),
        // A server's limit for the head of a request is 16 KiB; tRPC would put any number of queries into one address.
        maxURLLength: 8000,
        maxItems: MAX_CALLS,
        headers,
        // tRPC's own request type differs from the platform's in `undefined` for `null` only.
        fetch: (request, init) => send(request, init as RequestInit),
      }),
    ],
  })
}

/** The URL of a door of the server at `url`. Throws `Refusal('invalid')` unless `url` is an HTTP(S) URL. */
export function doorOf(url: string, door: 'trpc' | 'sync'): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new Refusal('invalid', `url: ${url} is not the URL of a server.`, 'Write it as http://host:4700.')
  }
  const address = `${url.replace(/\/+$/, '')}/${door}`
  return door === 'sync' ? address.replace(/^http/, 'ws') : address
}
