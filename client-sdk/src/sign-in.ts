/** Signing in, in one step or two. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Api } from './api.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
  /** What the person calls this place, such as "Ada's tablet"; they see it in the list of their sessions. */
  readonly device?: string
}

/**
 * Resolves with the token of a session, for `openDevice`, `Device.signIn` and `connectApi`. `askForCode` is called where
 * the account has a second step, and resolves with a code of the person's authenticator app or one for recovery. Rejects
 * as calls of the API do, and with `Refusal('forbidden')` where the person has to set up a second step first.
 */
export async function signIn(api: Api, credentials: Credentials, askForCode: () => Promise<string>): Promise<string> {
  const { output } = await api.accounts.logIn.mutate(credentials)
  if (output.opens === 'session') return output.token
  if (output.opens === 'enrolment') {
    throw new Refusal('forbidden', 'This account needs a second step.', 'Set it up on a page of the server first.')
  }
  const done = await api.accounts.mfa.answer.mutate({ token: output.token, code: await askForCode() })
  return done.output.token
}
