/**
 * Encryption of backups, in the format of age (age-encryption.org/v1): any age program opens them. With a public key
 * the machine that makes backups cannot read them; with a passphrase, anyone who knows it can. The only file that knows
 * the library.
 */
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { Refusal } from '@rejoin/shared/errors.ts'
import { readText } from '../../core/input/outside-text.ts'
import { beginsWith } from './beginning.ts'

/** The first bytes of every age file, and of one in text form (`age --armor`). */
export const AGE_MAGIC = 'age-encryption.org/v1'
export const ARMOR_MAGIC = '-----BEGIN AGE ENCRYPTED FILE-----'
const SECRET_KEY = 'AGE-SECRET-KEY-'

/** The key that encrypts a backup, and the opener that decrypts it; null for a backup that is not encrypted. */
export type Key = { readonly publicKey: string } | { readonly passphrase: string }
export type Opener = { readonly secretKeys: readonly string[] } | { readonly passphrase: string }

export async function* encrypted(plain: AsyncIterable<Uint8Array>, key: Key): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter()
  if ('publicKey' in key) encrypter.addRecipient(key.publicKey)
  else encrypter.setPassphrase(key.passphrase)
  yield* await encrypter.encrypt(ReadableStream.from(plain))
}

export async function* decrypted(cipher: AsyncIterable<Uint8Array>, opener: Opener): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter()
  if ('passphrase' in opener) {
    decrypter.addPassphrase(opener.passphrase)
    // Earlier versions included the byte order mark of the passphrase file in the passphrase.
    decrypter.addPassphrase(`\uFEFF${opener.passphrase}`)
  } else for (const secret of opener.secretKeys) decrypter.addIdentity(secret)
  yield* await decrypter.decrypt(ReadableStream.from(cipher))
}

/** A new key pair: the text of a file to keep elsewhere, and the public key for the settings. */
export async function newKeyPair(): Promise<{ file: string; publicKey: string }> {
  const secret = await generateX25519Identity()
  const publicKey = await identityToRecipient(secret)
  return { file: `# public key: ${publicKey}\n${secret}\n`, publicKey }
}

/** Throws `Refusal` if the text is no public key of age. */
export function mustBePublicKey(text: string): void {
  if (text.trim().toUpperCase().startsWith(SECRET_KEY)) {
    throw new Refusal(
      'invalid',
      'The recipient is a secret key of age.',
      'Name its public key, which begins with age1 and stands above the secret key in its file. Keep the secret key elsewhere.',
    )
  }
  try {
    new Encrypter().addRecipient(text)
  } catch {
    throw new Refusal(
      'invalid',
      `${text} is not an age public key.`,
      'It begins with age1. Copy all of it as "rejoin backup new-key" printed it.',
    )
  }
}

/** The secret keys in a file as `age-keygen` writes it. Throws `Refusal` if there is none. */
export function secretKeysIn(path: string): string[] {
  const keys = textOf(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith(SECRET_KEY))
  if (keys.length > 0) return keys
  throw new Refusal(
    'invalid',
    `${path} does not contain an age secret key.`,
    'Name the file that "rejoin backup new-key" wrote.',
  )
}

/** The first line of a file. Throws `Refusal` if it is empty, or the file holds keys. */
export function passphraseIn(path: string): string {
  const text = textOf(path)
  if (text.includes(SECRET_KEY)) {
    throw new Refusal(
      'invalid',
      `${path} holds a secret key of age, and no passphrase.`,
      'Make backups for its public key with --recipient, and restore with --identity.',
    )
  }
  const [first = ''] = text.split(/\r?\n/)
  if (first !== '') return first
  throw new Refusal('invalid', `${path} begins with an empty line.`, 'The first line must be the passphrase.')
}

/** Throws `Refusal` for an encrypted file: its text would be taken for the key or passphrase inside. */
function textOf(path: string): string {
  if (beginsWith(path, AGE_MAGIC) || beginsWith(path, ARMOR_MAGIC)) {
    throw new Refusal(
      'invalid',
      `${path} is encrypted itself, by age.`,
      `Decrypt it with "age --decrypt --output PLAIN ${path}", and name PLAIN.`,
    )
  }
  return readText(path, { hint: 'Save it as UTF-8.' })
}
