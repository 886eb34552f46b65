/**
 * Self-registration. The address has to be confirmed: a link goes there, and only the address's owner gets on.
 *
 * 1. A request does the same work whether or not the address has an account. A job looks it up later: a new address
 *    gets a link, a known one is told that it has an account.
 * 2. The person who opens the link chooses the password, so nobody can prepare an account for another person's address.
 */
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import { command, type CommandContext } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import type { Read } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { mustTakeMembers } from '../../departments/queries.ts'
import { REGISTRATION } from '../guards.ts'
import { findUserByEmail } from '../queries.ts'
import * as contract from '../contract/sign-up.ts'
import { invite } from '../invitations/invite.ts'
import { mustBeWelcome } from './policy.ts'
import type { RegistrationTable } from './tables.ts'

const LIFE_MS = 24 * 3_600_000
const BATCH = 100

export const register = implement(
  contract.register,
  { guard: REGISTRATION },
  async ({ tx, now }, { email, role, departmentId = null }) => {
    await mustBeWelcome(tx, email)
    if ((role === 'requester') !== (departmentId === null)) {
      const message = role === 'requester' ? 'a requester has no department' : `required for the role ${role}`
      throw new Refusal('invalid', `departmentId: ${message}.`)
    }
    if (departmentId !== null) mustTakeMembers(tx, [departmentId])
    const row = { email, role, departmentId, requestedAt: now }
    await tx
      .insertInto('registration')
      .values(row)
      .onConflict((conflict) => conflict.column('email').doUpdateSet(row))
      .execute()
  },
)

/** Answers each registration by mail: with a link, or the word that the address has an account already. */
export async function answerRegistrations({ read, commits }: { read: Read; commits: Commits }): Promise<void> {
  const waiting = await read.selectFrom('registration').select('email').limit(1).executeTakeFirst()
  if (waiting !== undefined) await commits.commitOrThrow(answerBatch, {}, { actorId: SYSTEM_ID })
}

const answerBatch = command({
  name: 'registration.answer',
  input: z.object({}),
  async run(context) {
    const { tx } = context
    const asked = await tx.selectFrom('registration').selectAll().orderBy('requestedAt').limit(BATCH).execute()
    for (const registration of asked) {
      await answer(context, registration)
      await tx.deleteFrom('registration').where('email', '=', registration.email).execute()
    }
  },
})

async function answer(context: CommandContext, { email, role, departmentId }: RegistrationTable): Promise<void> {
  if ((await findUserByEmail(context.tx, email)) !== undefined) {
    context.send('mail', { to: email, letter: 'already-registered', fields: {} })
    return
  }
  const departments = departmentId === null ? [] : [departmentId]
  const needsApproval = role !== 'requester'
  const asked = { email, role, departments, lifeMs: LIFE_MS, invitedBy: null, needsApproval }
  const { token, expiresAt } = await invite(context, asked)
  context.send('mail', { to: email, letter: 'confirm-address', fields: { token, expiresAt } })
}
