/** Commands about people and their sessions. */
import type { Actor } from '@rejoin/shared/access/access.ts'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../core/api/implement.ts'
import { forgiveAttempt } from '../../core/api/throttle/attempts.ts'
import { mustTakeMembers } from '../departments/queries.ts'
import type { PrepareContext } from '../../core/command.ts'
import { welcome } from './people/welcome.ts'
import * as contract from './contract/accounts.ts'
import { SIGN_IN } from './guards.ts'
import { askIn, whyLettersWait } from './invitations/ask-in.ts'
import { goOn } from './mfa/steps.ts'
import { hashPassword, isOutdated, verifyPassword } from './passwords.ts'
import { replaceHash } from './passwords/change.ts'
import { hashNewPassword } from './passwords/strength.ts'
import { addPerson, mustBeFree } from './people/add.ts'
import { findUserByEmail, mustAnywhere } from './queries.ts'
import { mustHaveAllOf } from './roles/queries.ts'

export async function preparePassword(
  context: PrepareContext,
  { password, ...person }: { name: string; email: string; password?: string | undefined },
) {
  return password === undefined ? null : await hashNewPassword(context, password, person)
}

export const createUser = implement(
  contract.createUser,
  {
    async check({ read, actor }, user) {
      mustCreate(actor, user)
      await mustBeFree(read, user)
    },
    prepare: preparePassword,
  },
  async (context, user, passwordHash) => {
    mustCreate(context.actor, user)
    mustTakeMembers(context.tx, user.departments)
    const userId = await addPerson(context, { ...user, passwordHash })
    if (passwordHash === null) {
      return { userId, ...((await askIn(context, user.email)) && (await whyLettersWait(context.tx))) }
    }
    context.send('mail', welcome(user))
    return { userId }
  },
)

function mustCreate(actor: Actor, user: ParsedOf<typeof contract.createUser>): void {
  mustAnywhere(actor, 'user.create')
  mustHaveAllOf(actor, user)
}

async function checkCredentials(
  { read, hashCost }: PrepareContext,
  { email, password }: ParsedOf<typeof contract.logIn>,
) {
  const user = await findUserByEmail(read, email)
  const matches = await verifyPassword(user?.passwordHash ?? null, password, hashCost)
  if (user?.passwordHash == null || !matches || user.status !== 'active') throw wrongCredentials()
  const { id: userId, passwordHash } = user
  const renewed = isOutdated(passwordHash, hashCost) ? await hashPassword(password, hashCost) : passwordHash
  return { userId, passwordHash, renewed }
}

function wrongCredentials(): Refusal {
  return new Refusal('wrong-credentials', 'The address or the password is wrong.', 'Check both and try again.')
}

export const logIn = implement(
  contract.logIn,
  { guard: SIGN_IN, prepare: checkCredentials },
  async (context, { email, device }, { userId, passwordHash, renewed }) => {
    // The password may have been changed since it was checked.
    if (!(await replaceHash(context.tx, userId, { from: passwordHash, to: renewed }))) throw wrongCredentials()
    await forgiveAttempt(context, SIGN_IN, email)
    return goOn(context, { userId, device: device ?? null })
  },
)
