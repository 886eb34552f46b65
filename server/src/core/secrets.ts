/**
 * What the database keeps of people's secrets is sealed: encrypted and authenticated (AES-256-GCM, NIST SP 800-38D) under
 * a key that is not in the database.
 *
 * 1. Each sealing draws its own 96 random bits, so equal secrets look different.
 * 2. What is sealed is bound to its owner: put into the row of somebody else, it does not open.
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
/** Of the data directory, where no other file is named. */
export const KEY_FILE = 'secret.key'
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Half of a tag is random, half proves that it was given out here. */
const MARK_BYTES = 4
const MARK_CHARACTERS = 6
/** With a mark that no plain secret has, which also names how it was sealed. */
const MARK = 'v1:'

/** What it costs to try out one secret that a person made up: argon2id, its memory in KiB. */
export type HashCost = Readonly<Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism'>>

export interface Secrets {
  seal(plain: string, owner: string): string
  /** Null for what was sealed under another key or for another owner, or was changed since. */
  open(sealed: string, owner: string): string | null
  /** A keyed hash (HMAC-SHA-256) by which the same text is known again, and of which nobody else can try what it was. */
  mark(text: string): string
  /** Whether `mark` may be that of the text: false where it is another text's, true for one made under another key. */
  mayMark(mark: string, text: string): boolean
  /** What tells the change committed under `seq` from one under the same number in another life of the database. */
  newTag(seq: number): string
  /** Whether the tag was given out with `seq`, in whichever life of the database, under this key. */
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
        // The only thing that `final` throws for: what was sealed is not this.
        return null
      }
    },
  }
}
