/** Clients that write down the first call of each procedure that succeeded, as it went over the wire. */
import { connectApi, type Api } from '@rejoin/client-sdk/api.ts'
import type { World } from '../harness/world.ts'
import type { Operations } from '@rejoin/server/core/api/operations.ts'
import type { Example, Examples } from './page/page.ts'

/** A second passes before each call, so that no two rows have one time and lists have one order. */
const BETWEEN_CALLS_MS = 1000

type Headers = Readonly<Record<string, string>>

/** The procedures that the story does not call, with what to do. */
export function uncalled(operations: Operations, examples: Examples): string[] {
  const missing = [...operations.keys()].filter((path) => !examples.has(path))
  return missing.map((path) => `${path}: add a call to tests/reference/story/, then run: pnpm api`)
}

export class Recorder {
  readonly examples = new Map<string, Example>()

  /** The API of `world` as a client with this token, or with none; `headers` beside those of every client. */
  api(world: World, token?: string, headers: Headers = {}): Api {
    return connectApi(world.url, token, async (address, init = {}) => {
      await world.advance(BETWEEN_CALLS_MS)
      const sent = new Headers(init.headers)
      for (const [name, value] of Object.entries({ 'user-agent': 'Example/1.0', ...headers })) sent.set(name, value)
      const answer = await fetch(address, { ...init, headers: sent })
      this.#record(new URL(address as string), init.body, await answer.clone().json())
      return answer
    })
  }

  /** The client of the SDK sends batches, here of one call each. */
  #record({ pathname, searchParams }: URL, body: unknown, answers: unknown): void {
    const path = pathname.replace('/trpc/', '')
    const [answer] = answers as readonly { readonly result?: { readonly data?: unknown } }[]
    if (answer?.result === undefined) throw new Error(`${path} refused: ${JSON.stringify(answers)}`)
    if (this.examples.has(path)) return
    const sent = typeof body === 'string' ? body : (searchParams.get('input') ?? '{}')
    const { 0: input } = JSON.parse(sent) as { readonly 0?: unknown }
    this.examples.set(path, { input, answer: answer.result.data })
  }
}
