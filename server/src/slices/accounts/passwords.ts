/**
 * Password hashes: argon2id from node:crypto, written as PHC strings with their own parameters. New passwords come here
 * by `passwords/strength.ts`.
 */
import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const TAG_BYTES = 32
const PREFIX = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$`
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await derive('argon2id', { ...COST, message: password.normalize('NFKC'), nonce, tagLength: TAG_BYTES })
  return `${PREFIX}${unpadded(nonce)}$${unpadded(tag)}`
}

/** Takes as long for somebody unknown (`null`) as for a wrong password. */
export async function verifyPassword(hash: string | null, password: string): Promise<boolean> {
  const match = PHC.exec(hash ?? '')
  const [, memory, passes, parallelism, salt = '', expected = ''] = match ?? []
  const nonce = match === null ? randomBytes(16) : Buffer.from(salt, 'base64')
  const cost =
    match === null ? COST : { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const tag = await derive('argon2id', { ...cost, message: password.normalize('NFKC'), nonce, tagLength: TAG_BYTES })
  const wanted = Buffer.from(expected, 'base64')
  return wanted.length === tag.length && timingSafeEqual(wanted, tag)
}

/** Whether it was made at another cost than new ones are. */
export function isOutdated(hash: string): boolean {
  return !hash.startsWith(PREFIX)
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
