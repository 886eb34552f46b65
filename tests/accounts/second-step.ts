/** Somebody to sign in, and the authenticator app on their phone. */
import { Secret, TOTP } from 'otpauth'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import type { Role } from '@rejoin/shared/access/access.ts'
import type { World } from '../harness/world.ts'

export const BOB = { email: 'bob@example.com', password: 'correct horse battery' }

export async function hire(world: World, role: Role = 'agent') {
  const { api } = await world.desk()
  const departments = [await world.department('support')]
  const { output } = await api.accounts.createUser.mutate({ name: 'Bob', role, departments, ...BOB })
  const session = await connectApi(world.url).accounts.logIn.mutate(BOB)
  const { token } = session.output
  return { id: output.userId, token, api: connectApi(world.url, token) }
}

export type App = ReturnType<typeof appOf>

/** Keeps the time of the world. */
export function appOf({ clock }: World) {
  let totp = new TOTP()
  const code = (laterMs = 0) => totp.generate({ timestamp: clock.now() + laterMs })
  return {
    take(secret: string) {
      totp = new TOTP({ secret: Secret.fromBase32(secret) })
    },
    secret: () => totp.secret.base32,
    code,
    /** One that is right at no time about now. */
    wrongCode() {
      const right = [-60_000, -30_000, 0, 30_000, 60_000].map(code)
      return ['000000', '111111', '222222', '333333', '444444', '555555'].find((each) => !right.includes(each)) ?? ''
    },
  }
}
