/** Commands about people and their sessions. */
import { z } from 'zod'
import { Role, type Actor } from '@rejoin/shared/access/access.ts'
import { comparable, Email } from '@rejoin/shared/email.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { command, type PrepareContext } from '../../core/command.ts'
import { forgiveAttempt } from '../../core/api/throttle/attempts.ts'
import { mustTakeMembers } from '../departments/queries.ts'
import { SIGN_IN } from './guards.ts'
import { askIn, whyLettersWait } from './invitations/ask-in.ts'
import { goOn } from './mfa/steps.ts'
import { hashPassword, isOutdated, verifyPassword } from './passwords.ts'
import { replaceHash } from './passwords/change.ts'
import { hashNewPassword, Password } from './passwords/strength.ts'
import { addPerson, mustBeFree } from './people/add.ts'
import { Name, Organisation } from './people/fields.ts'
import { welcome } from './people/welcome.ts'
import { findUserByEmail, mustAnywhere } from './queries.ts'
import { mustHaveAllOf } from './roles/queries.ts'
import { DeviceName } from './sessions.ts'

export const NewUser = z.strictObject({
  userId: Id.optional(),
  name: Name,
  email: Email,
  role: Role,
  /** Absent for somebody who does not sign in yet. */
  password: Password.optional(),
  departments: z.array(Id).max(50).default([]),
  organisation: Organisation.nullish(),
})

export async function preparePassword(
  context: PrepareContext,
  { password, ...person }: { name: string; email: string; password?: string | undefined },
) {
  return password === undefined ? null : hashNewPassword(context, password, person)
}

export const createUser = command({
  name: 'user.create',
  input: NewUser,
  async check({ read, actor }, user) {
    mustCreate(actor, user)
    await mustBeFree(read, user)
  },
  prepare: preparePassword,
  async run(context, user, passwordHash) {
    mustCreate(context.actor, user)
    await mustTakeMembers(context.tx, user.departments)
    const userId = await addPerson(context, { ...user, passwordHash })
    if (passwordHash === null) {
      return { userId, ...((await askIn(context, user.email)) && (await whyLettersWait(context.tx))) }
    }
    context.send('mail', welcome(user))
    return { userId }
  },
})

function mustCreate(actor: Actor, user: z.output<typeof NewUser>): void {
  mustAnywhere(actor, 'user.create')
  mustHaveAllOf(actor, user)
}

const Credentials = z.object({
  email: z.string().max(1000).transform(comparable),
  password: z.string().max(200),
  device: DeviceName.optional(),
})

async function checkCredentials({ read, hashCost }: PrepareContext, { email, password }: z.output<typeof Credentials>) {
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

export const logIn = command({
  name: 'session.start',
  input: Credentials,
  prepare: checkCredentials,
  async run(context, { email, device }, { userId, passwordHash, renewed }) {
    // The password may have been changed since it was checked.
    if (!(await replaceHash(context.tx, userId, { from: passwordHash, to: renewed }))) throw wrongCredentials()
    await forgiveAttempt(context, SIGN_IN, email)
    return goOn(context, { userId, device: device ?? null })
  },
})
