/**
 * The key under which secrets in the database are sealed. It is a file apart from the database, so that a copy of the
 * database alone reveals none. It is made once, if nothing needs an earlier one, and never replaced.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { countSealed } from '../slices/accounts/mfa/sealing.ts'
import { FileText } from '../core/input/setting.ts'
import type { Read } from '../core/storage/db.ts'
import { KEY_BYTES, KEY_FILE, secretsUnder, type Secrets } from '../core/secrets.ts'

/** A key as `openssl rand -base64 32` prints it. */
const Key = z.string().transform((text, context) => {
  const key = parseKey(text)
  if (key !== null) return key
  context.addIssue({ code: 'custom', message: 'does not hold a key: it must be 32 bytes in base64' })
  return z.NEVER
})

export const secretKeySettings = {
  REJOIN_SECRET_KEY_FILE: FileText.pipe(Key)
    .optional()
    .describe('File with the key that encrypts secrets in the database, instead of secret.key in the data directory.'),
}

const KEY_IS_LOST = 'If the key is lost, "rejoin user reset-mfa --all" removes every second step.'

/**
 * Throws `Refusal('unavailable')` if the database needs a missing key or another one; nothing is changed then. With
 * `orAnother` that is no reason to stop.
 */
export async function openSecrets(
  { dataDir, secretKey }: { dataDir: string; secretKey: Uint8Array | null },
  read: Read,
  { orAnother }: { orAnother: boolean },
): Promise<Secrets> {
  const file = join(dataDir, KEY_FILE)
  const key = secretKey ?? findKey(file)
  const secrets = secretsUnder(key ?? randomBytes(KEY_BYTES))
  const { sealed, opening } = await countSealed(read, secrets)
  const isRight = sealed === 0 || opening > 0
  if (!isRight && !orAnother)
    throw cannotOpen(sealed, key === null ? `${file} does not exist` : 'the key does not match')
  return key === null && isRight ? secretsUnder(makeKey(file)) : secrets
}

function cannotOpen(sealed: number, why: string): Refusal {
  return new Refusal(
    'unavailable',
    `The secrets of ${sealed} second steps in the database cannot be decrypted: ${why}. Nothing was changed.`,
    `Restore ${KEY_FILE}, or the file that REJOIN_SECRET_KEY_FILE named. ${KEY_IS_LOST}`,
  )
}

function findKey(file: string): Uint8Array | null {
  if (!existsSync(file)) return null
  const key = parseKey(readFileSync(file, 'utf8'))
  if (key !== null) return key
  throw new Refusal(
    'unavailable',
    `${file} is not a key: it must hold ${KEY_BYTES} bytes in base64. Nothing was changed.`,
    'Restore the earlier key file, or delete this one if the key is lost.',
  )
}

/** The key is on the disk before anything is sealed under it. */
function makeKey(file: string): Uint8Array {
  const key = randomBytes(KEY_BYTES)
  const draft = `${file}.new`
  writeFileSync(draft, `${key.toString('base64')}\n`, { mode: 0o600, flush: true })
  renameSync(draft, file)
  const folder = openSync(join(file, '..'), 'r')
  fsyncSync(folder)
  closeSync(folder)
  return key
}

/** The bytes of a key in base64; null for any other text. */
function parseKey(text: string): Uint8Array | null {
  const plain = text.trim()
  const key = Buffer.from(plain, 'base64')
  return key.length === KEY_BYTES && key.toString('base64') === plain ? key : null
}
