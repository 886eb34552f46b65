/** The first start: a one-time token, printed on the server's output, makes its reader the first administrator. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../core/api/implement.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { preparePassword } from './commands.ts'
import * as contract from './contract/accounts.ts'
import { addPerson } from './people/add.ts'
import { startSession } from './sessions.ts'
import { hashToken } from './tokens.ts'

const KEY = 'setupToken'

const issueSetupToken = command({
  name: 'setup.issue-token',
  input: z.object({ hash: z.string() }),
  async run({ tx }, { hash }) {
    const row = { key: KEY, value: hash }
    await tx
      .insertInto('meta')
      .values(row)
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute()
  },
})

export const setUp = implement(
  contract.setUp,
  { check: ({ read }, { token }) => mustOpenSetup(read, token), prepare: preparePassword },
  async (context, { token, userId: id, name, email }, passwordHash) => {
    const { tx } = context
    await mustOpenSetup(tx, token)
    await tx.deleteFrom('meta').where('key', '=', KEY).execute()
    const admin = { userId: id, name, email, role: 'admin', departments: [], passwordHash } as const
    const userId = await addPerson(context, admin)
    return { userId, ...(await startSession(context, userId)) }
  },
)

async function mustOpenSetup(read: Read, token: string): Promise<void> {
  const row = await read.selectFrom('meta').select('value').where('key', '=', KEY).executeTakeFirst()
  if (row === undefined) {
    throw new Refusal('already-set-up', 'This workspace already has an administrator.', 'Sign in instead.')
  }
  if (!timingSafeEqual(Buffer.from(row.value), Buffer.from(hashToken(token)))) {
    throw new Refusal(
      'wrong-credentials',
      'This is not the setup token.',
      'Use the newest setup link that the server printed.',
    )
  }
}

/** A fresh setup token when there is no administrator yet, else null. An earlier token stops working. */
export async function offerSetup({ read, commits }: { read: Read; commits: Commits }): Promise<string | null> {
  const admin = await read.selectFrom('user').select('id').where('role', '=', 'admin').executeTakeFirst()
  if (admin !== undefined) return null
  const token = randomBytes(24).toString('base64url')
  await commits.commitOrThrow(issueSetupToken, { hash: hashToken(token) }, { actorId: SYSTEM_ID })
  return token
}

/** The address of the setup page. The token is in the fragment, which browsers send to nobody and no log keeps. */
export function setupLink(url: string, token: string): string {
  return `${url}/setup#${token}`
}
