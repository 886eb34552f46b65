/** A world whose letters arrive at a mail server, and the links in them. */
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { startMailServer } from './mail-server.ts'
import type { Config } from '@rejoin/server/operations/config/config.ts'
import { startWorld } from './world.ts'

export async function startMailedWorld(settings: Partial<Config> = {}) {
  const post = await startMailServer()
  const world = await startWorld({ settings: { ...post.settings, ...settings } })

  /** Lets everything that waits be written and sent. */
  async function deliver(): Promise<void> {
    await world.advance(5000)
    await world.advance(5000)
  }

  /** The subjects of what somebody has got, in order. */
  function subjectsTo(address: string): string[] {
    return post.received.filter(({ to }) => to.includes(address)).map(({ email }) => email.subject ?? '')
  }

  return {
    world,
    post,
    /** The API as nobody. */
    anonymous: connectApi(world.url),
    deliver,
    subjectsTo,
    /** The token in the link of the newest letter to this address. */
    tokenFor(address: string): string {
      const text = post.received.findLast(({ to }) => to.includes(address))?.email.text ?? 'no letter'
      const [, token] = /#(\S+)/.exec(text) ?? []
      if (token === undefined) throw new Error(`there is no link in: ${text}`)
      return token
    },
    async signIn(email: string, password: string) {
      const { output } = await connectApi(world.url).accounts.logIn.mutate({ email, password })
      return connectApi(world.url, output.token)
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await world[Symbol.asyncDispose]()
      await post[Symbol.asyncDispose]()
    },
  }
}

export type MailedWorld = Awaited<ReturnType<typeof startMailedWorld>>
