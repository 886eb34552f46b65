/** Which passwords are taken. The one way to the hash of a new one, so that none comes past these rules. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { PrepareContext } from '../../../core/command.ts'
import { hashPassword } from '../passwords.ts'

/** Digits and signs around a word, which everybody adds who is told to. */
const TRIMMINGS = /^[^\p{L}]+|[^\p{L}]+$/gu

/** The hash of a password that `person` chose. Throws `Refusal('invalid')` for one that others would guess first. */
export async function hashNewPassword(
  { hashCost }: Pick<PrepareContext, 'hashCost'>,
  password: string,
  person: { name: string; email: string },
): Promise<string> {
  const plain = password.normalize('NFKC').toLowerCase()
  const word = plain.replaceAll(TRIMMINGS, '')
  if (word === '') throw tooEasy('it has no letters')
  const common = await mostUsed()
  if (common.has(plain) || common.has(word)) throw tooEasy('it is one of the most used passwords, or close to one')
  const own = [person.name, person.email, person.email.split('@')[0] ?? ''].map((text) => text.toLowerCase())
  if (own.includes(plain) || own.includes(word)) throw tooEasy('it is your name or email address')
  return hashPassword(password, hashCost)
}

let known: Promise<ReadonlySet<string>> | undefined

/** Unpacked for the first password: it takes as much memory as the rest of a server that has just started. */
function mostUsed(): Promise<ReadonlySet<string>> {
  known ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => new Set(dictionary['passwords-common']))
  return known
}

function tooEasy(why: string): Refusal {
  return new Refusal('invalid', `password: ${why}.`, 'Use several words that do not belong together.')
}
