/**
 * A forgotten password: a link by mail, good for one hour and one use.
 *
 * 1. A request does the same work for a known address and an unknown one: it writes the address down. A job looks it up
 *    later, so the answer to the request tells nothing about the address.
 * 2. The database has only the SHA-256 of a token, except in the letter that waits to be sent.
 * 3. The newest link is the only one that works, and only once; using it ends every session and API token.
 */
import { z } from 'zod'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import { command, type CommandContext, type PrepareContext } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import type { Read } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import type { PublicContext } from '../../../core/api/procedures.ts'
import { JUMP_MS } from '../../../core/runtime/steadiness.ts'
import { endAccess } from '../end-access.ts'
import { RESET } from '../guards.ts'
import { dropInvitations, findUserByEmail, getAuthor, mustAnywhere } from '../queries.ts'
import { mustHaveAllOf } from '../roles/queries.ts'
import { badLink, hashToken, newToken } from '../tokens.ts'
import * as contract from '../contract/passwords.ts'
import { hashNewPassword } from './strength.ts'

const LIFE_MS = 3_600_000
const BATCH = 100

export const requestReset = implement(
  contract.requestPasswordReset,
  { guard: RESET },
  async ({ tx, now }, { email }) => {
    await tx
      .insertInto('resetRequest')
      .values({ email, requestedAt: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  },
)

/** Mails a link to each address that asked for one and has an active account. */
export async function answerResetRequests({ read, commits }: { read: Read; commits: Commits }): Promise<void> {
  const waiting = await read.selectFrom('resetRequest').select('email').limit(1).executeTakeFirst()
  if (waiting !== undefined) await commits.commitOrThrow(issueResets, {}, { actorId: SYSTEM_ID })
}

const issueResets = command({
  name: 'password.issue-resets',
  input: z.object({}),
  async run(context) {
    const { tx } = context
    const asked = await tx.selectFrom('resetRequest').select('email').orderBy('requestedAt').limit(BATCH).execute()
    const emails = asked.map(({ email }) => email)
    const people = await tx
      .selectFrom('user')
      .select(['id', 'name', 'email'])
      .where('email', 'in', emails)
      .where('status', '=', 'active')
      .execute()
    for (const person of people) await issueReset(context, person)
    await tx.deleteFrom('resetRequest').where('email', 'in', emails).execute()
  },
})

async function issueReset(context: CommandContext, person: { id: string; name: string; email: string }): Promise<void> {
  const { id: userId, name, email } = person
  const { token, expiresAt } = await newLink(context, userId)
  context.send('mail', { to: email, letter: 'reset', fields: { name, token, expiresAt } })
  await context.event({ subject: 'user', subjectId: userId, type: 'password-reset-sent' })
}

async function newLink({ tx, now }: CommandContext, userId: string): Promise<{ token: string; expiresAt: number }> {
  const token = newToken()
  const row = { userId, tokenHash: hashToken(token), expiresAt: now + LIFE_MS }
  await tx
    .insertInto('passwordReset')
    .values(row)
    .onConflict((conflict) => conflict.column('userId').doUpdateSet(row))
    .execute()
  return { token, expiresAt: row.expiresAt }
}

/** The token of a new link, to be handed over where mail does not arrive: by an administrator, or the operator. */
export const handOutReset = implement(contract.createPasswordLink, async (context, { email }) => {
  const { tx, actor } = context
  mustAnywhere(actor, 'user.hand-out-link')
  const user = await findUserByEmail(tx, email)
  if (user === undefined) throw new Refusal('not-found', `No account has the address ${email}.`, 'Check the address.')
  mustHaveAllOf(actor, getAuthor(tx, user.id))
  // A stolen session must not make itself permanent.
  if (user.id === actor.id) {
    throw new Refusal(
      'conflict',
      'email: this is your own address.',
      'Change your password with accounts.changePassword.',
    )
  }
  if (user.status !== 'active') {
    throw new Refusal('conflict', `The account of ${email} is ${user.status}.`, 'Enable or approve the account first.')
  }
  await context.event({ subject: 'user', subjectId: user.id, type: 'password-reset-handed-out' })
  return newLink(context, user.id)
})

/** Whether a link still works. */
export async function verifyResetToken(
  { read, now }: PublicContext,
  { token }: ParsedOf<typeof contract.verifyResetToken>,
) {
  return { isValid: (await findHolder(read, token, now)) !== undefined }
}

export const resetPassword = implement(
  contract.resetPassword,
  {
    check: async ({ read, now }, { token }) => void (await getHolder(read, token, now)),
    async prepare(context: PrepareContext, { token, password }: ParsedOf<typeof contract.resetPassword>) {
      return hashNewPassword(context, password, await getHolder(context.read, token, context.now))
    },
  },
  async (context, { token }, passwordHash) => {
    const { tx, now, send, event } = context
    const { userId, name, email } = await getHolder(tx, token, now)
    await tx.deleteFrom('passwordReset').where('userId', '=', userId).execute()
    await tx.updateTable('user').set({ passwordHash }).where('id', '=', userId).execute()
    await dropInvitations(tx, email)
    await endAccess(context, userId)
    await event({ subject: 'user', subjectId: userId, type: 'password-reset', actorId: userId })
    send('mail', { to: email, letter: 'password-changed', fields: { name } })
  },
)

async function getHolder(read: Read, token: string, now: number) {
  const holder = await findHolder(read, token, now)
  if (holder === undefined) throw badLink()
  return holder
}

function findHolder(read: Read, token: string, now: number) {
  return read
    .selectFrom('passwordReset')
    .innerJoin('user', 'user.id', 'passwordReset.userId')
    .select(['userId', 'name', 'email'])
    .where('tokenHash', '=', hashToken(token))
    .where('expiresAt', '>', now)
    .where('expiresAt', '<=', now + LIFE_MS + JUMP_MS)
    .where('status', '=', 'active')
    .executeTakeFirst()
}
