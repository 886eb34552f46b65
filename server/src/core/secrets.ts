/**
 * Secrets of people in the database are sealed: encrypted and authenticated (AES-256-GCM, NIST SP 800-38D) under a key
 * that is not in the database.
 *
 * 1. Each sealing draws its own 96 random bits, so equal secrets look different.
 * 2. A sealed secret is bound to its owner: put into another person's row, it does not open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type Argon2Parameters,
} from 'node:crypto'
import { random } from './ids.ts'

const ALGORITHM = 'aes-256-gcm'
export const KEY_BYTES = 32
/** In the data directory; no other file is named so. */
export const KEY_FILE = 'secret.key'
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Half of a tag is random; the other half proves that this server issued it. */
const MARK_BYTES = 4
const MARK_CHARACTERS = 6
/** A prefix that no plain secret has; it also names the method of sealing. */
const MARK = 'v1:'

/** The cost of trying out one secret that a person made up: argon2id, its memory in KiB. */
export type HashCost = Readonly<Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism'>>

export interface Secrets {
  seal(plain: string, owner: string): string
  /** Null if the secret was sealed under another key or for another owner, or was changed since. */
  open(sealed: string, owner: string): string | null
  /** A keyed hash (HMAC-SHA-256) that recognises an equal text; without the key nobody can test guesses against it. */
  mark(text: string): string
  /** Whether `mark` may be that of the text: false for another text's mark, true for a mark made under another key. */
  mayMark(mark: string, text: string): boolean
  /**
   * A tag that tells the change committed under `seq` from one with the same number in another incarnation of the
   * database.
   */
  newTag(seq: number): string
  /** Whether the tag was issued with `seq` under this key, in any incarnation of the database. */
  isTagOf(seq: number, tag: string): boolean
}

export function isSealed(text: string): boolean {
  return text.startsWith(MARK)
}

/** `key` has `KEY_BYTES` bytes. */
export function secretsUnder(key: Uint8Array): Secrets {
  const markKey = createSecretKey(Buffer.from(hkdfSync('sha256', key, '', 'mark', KEY_BYTES)))
  const hmac = (text: string) => createHmac('sha256', markKey).update(text).digest('base64url')
  const keyName = hmac('').slice(0, 8)
  const tagKey = createSecretKey(Buffer.from(hkdfSync('sha256', key, '', 'tag', KEY_BYTES)))
  const tagOf = (seq: number, mark: string) =>
    mark + createHmac('sha256', tagKey).update(`${seq} ${mark}`).digest('base64url').slice(0, MARK_CHARACTERS)
  const mark = (text: string) => `${keyName}.${hmac(text)}`
  return {
    mark,
    newTag: (seq) => tagOf(seq, random(MARK_BYTES).toString('base64url')),
    isTagOf: (seq, tag) => tag === tagOf(seq, tag.slice(0, MARK_CHARACTERS)),
    mayMark: (known, text) => !known.startsWith(`${keyName}.`) || known === mark(text),
    seal(plain, owner) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(owner))
      const bytes = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return MARK + Buffer.concat(bytes).toString('base64url')
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed.slice(MARK.length), 'base64url')
      if (!isSealed(sealed) || bytes.length < NONCE_BYTES + TAG_BYTES) return null
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES))
      decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(-TAG_BYTES))
      const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
      try {
        return Buffer.concat([plain, decipher.final()]).toString('utf8')
      } catch {
        // `final` throws only if the bytes do not authenticate.
        return null
      }
    },
  }
}
