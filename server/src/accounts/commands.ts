/** Commands about people and their sessions. */
import { z } from 'zod'
import { Role } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { command, type CommandContext } from '../core/commit/command.ts'
import type { Read } from '../core/db.ts'
import { forgiveAttempt } from '../core/guesses/attempts.ts'
import { getDepartment } from '../departments/queries.ts'
import { SIGN_IN } from './guards.ts'
import { goOn } from './mfa/steps.ts'
import { hashPassword, isOutdated, verifyPassword } from './passwords.ts'
import { replaceHash } from './passwords/change.ts'
import { hashNewPassword, Password } from './passwords/strength.ts'
import { findUserByEmail, mustAnywhere } from './queries.ts'
import { DeviceName } from './sessions.ts'

export const Email = z.email().max(254)

export const NewUser = z.object({
  userId: Id.optional(),
  name: z.string().trim().min(1).max(120),
  email: Email,
  role: Role,
  /** Absent for somebody who does not sign in yet. */
  password: Password.optional(),
  departments: z.array(Id).max(50).default([]),
})

export async function preparePassword(
  _context: unknown,
  { password, ...person }: { name: string; email: string; password?: string | undefined },
) {
  return password === undefined ? null : hashNewPassword(password, person)
}

export const createUser = command({
  name: 'user.create',
  input: NewUser,
  prepare: preparePassword,
  async run(context, user, passwordHash) {
    mustAnywhere(context.actor, 'user.create')
    const userId = await insertUser(context, user, passwordHash)
    if (passwordHash !== null) context.send('mail', welcome(user))
    return { userId }
  },
})

/** For somebody who can sign in from now on. */
function welcome({ email: to, name }: { email: string; name: string }) {
  return { to, letter: 'welcome', fields: { name } } as const
}

/** Adds a person and returns their id. Throws `Refusal('conflict')` when the address is taken. */
export async function insertUser(
  { tx, now, seq, newId, event }: CommandContext,
  user: z.output<typeof NewUser>,
  passwordHash: string | null,
): Promise<string> {
  const { name, email, role, departments } = user
  if ((await findUserByEmail(tx, email)) !== undefined) {
    throw new Refusal('conflict', `email: ${email} belongs to somebody already.`, 'Use another address.')
  }
  const id = user.userId ?? newId()
  const taken = await tx.selectFrom('user').select('id').where('id', '=', id).executeTakeFirst()
  if (taken !== undefined) throw new Refusal('id-taken', 'userId: somebody has this id already.')
  await tx
    .insertInto('user')
    .values({
      id,
      name,
      email,
      role,
      status: 'active',
      passwordHash,
      locale: null,
      zone: null,
      createdAt: now,
      scopeSeq: seq,
    })
    .execute()
  for (const departmentId of new Set(departments)) {
    await getDepartment(tx, departmentId)
    await tx.insertInto('membership').values({ userId: id, departmentId }).execute()
  }
  await event({ subject: 'user', subjectId: id, type: 'user-created', payload: { name, role, departments } })
  return id
}

const Credentials = z.object({
  email: z.string().max(254),
  password: z.string().max(200),
  device: DeviceName.optional(),
})

async function checkCredentials({ read }: { read: Read }, { email, password }: z.output<typeof Credentials>) {
  const user = await findUserByEmail(read, email)
  const matches = await verifyPassword(user?.passwordHash ?? null, password)
  if (user?.passwordHash == null || !matches || user.status !== 'active') throw wrongCredentials()
  const { id: userId, passwordHash } = user
  return { userId, passwordHash, renewed: isOutdated(passwordHash) ? await hashPassword(password) : passwordHash }
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
