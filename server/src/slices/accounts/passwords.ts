/**
 * Password hashes: argon2id from node:crypto, written as PHC strings with their own parameters. New passwords come here
 * by `passwords/strength.ts`.
 */
import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'
import type { HashCost } from '../../core/secrets.ts'

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
export const HASH_COST: HashCost = { memory: 19_456, passes: 2, parallelism: 1 }
const TAG_BYTES = 32
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

export async function hashPassword(password: string, cost: HashCost): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await derive('argon2id', { ...cost, message: password.normalize('NFKC'), nonce, tagLength: TAG_BYTES })
  return `${prefixOf(cost)}${unpadded(nonce)}$${unpadded(tag)}`
}

/** Takes as long for somebody unknown (`null`), at the cost of new hashes, as for a wrong password. */
export async function verifyPassword(hash: string | null, password: string, hashCost: HashCost): Promise<boolean> {
  const match = PHC.exec(hash ?? '')
  const [, memory, passes, parallelism, salt = '', expected = ''] = match ?? []
  const nonce = match === null ? randomBytes(16) : Buffer.from(salt, 'base64')
  const cost =
    match === null ? hashCost : { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const tag = await derive('argon2id', { ...cost, message: password.normalize('NFKC'), nonce, tagLength: TAG_BYTES })
  const wanted = Buffer.from(expected, 'base64')
  return wanted.length === tag.length && timingSafeEqual(wanted, tag)
}

/** Whether it was made at another cost than new ones are. */
export function isOutdated(hash: string, cost: HashCost): boolean {
  return !hash.startsWith(prefixOf(cost))
}

function prefixOf({ memory, passes, parallelism }: HashCost): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
