/** Checks the code that a person types in the second step, and makes the recovery codes for a lost app. */
import { randomBytes } from 'node:crypto'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Read, Tx } from '../../../core/storage/db.ts'
import { hashToken } from '../tokens.ts'
import { secretOf } from './sealing.ts'
import { stepOf } from './totp.ts'

const CODES = 10
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const LENGTH = 16

/** Whether the person has a second step. */
export async function isEnrolled(read: Read, userId: string): Promise<boolean> {
  const select = read.selectFrom('totp').select('userId').where('userId', '=', userId)
  return (await select.where('confirmedAt', 'is not', null).executeTakeFirst()) !== undefined
}

type Checking = Pick<CommandContext, 'tx' | 'now' | 'secrets'>

/** Takes the code of the person's app, or one for recovery: each once. Throws `Refusal('wrong-credentials')`. */
export async function takeCode(context: Checking, { userId, code }: { userId: string; code: string }): Promise<void> {
  const plain = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const isTaken = /^\d{6}$/.test(plain)
    ? await takeAppCode(context, userId, plain)
    : await takeRecovery(context.tx, userId, plain)
  if (!isTaken) {
    throw new Refusal(
      'wrong-credentials',
      'This code is wrong or was already used.',
      'Wait for the next code, and check the clock of your device.',
    )
  }
}

async function takeAppCode({ tx, now, secrets }: Checking, userId: string, code: string): Promise<boolean> {
  const totp = await tx.selectFrom('totp').selectAll().where('userId', '=', userId).executeTakeFirst()
  if (totp === undefined) return false
  const step = stepOf(secretOf({ secrets }, totp), code, { now, lastStep: totp.lastStep })
  if (step === null) return false
  await tx.updateTable('totp').set({ lastStep: step }).where('userId', '=', userId).execute()
  return true
}

async function takeRecovery(tx: Tx, userId: string, code: string): Promise<boolean> {
  const used = tx.deleteFrom('recoveryCode').where('userId', '=', userId).where('hash', '=', hashToken(code))
  return (await used.executeTakeFirstOrThrow()).numDeletedRows > 0n
}

/** Makes new codes for recovery; earlier ones stop working. They are shown once, and kept as hashes. */
export async function renewRecoveryCodes(tx: Tx, userId: string): Promise<string[]> {
  const codes = Array.from({ length: CODES }, newCode)
  await tx.deleteFrom('recoveryCode').where('userId', '=', userId).execute()
  const rows = codes.map((code) => ({ userId, hash: hashToken(code.replaceAll('-', '')) }))
  await tx.insertInto('recoveryCode').values(rows).execute()
  return codes
}

/** 80 random bits, so that a thief of the database cannot find a code from its hash. */
function newCode(): string {
  const letters = [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length])
  return letters.join('').replaceAll(/(.{4})(?=.)/g, '$1-')
}
