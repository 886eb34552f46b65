/**
 * Structured logs. Nothing secret is written: tokens, cookies and passwords are cut out, down to `req.headers.cookie`.
 * Characters that a terminal would obey are not written either.
 */
import { pino, type DestinationStream, type Logger } from 'pino'
import { writtenOut } from '@rejoin/shared/visible.ts'
import { standardOutput } from './standard-output.ts'

export type Log = Logger

const SECRETS = ['token', 'password', 'passwordHash', 'cookie', 'authorization', 'secret', 'passphrase', 'smtpUrl']

/** Writes to standard output, unless another destination is given. */
export function createLog(level: string, destination: DestinationStream = standardOutput): Log {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  const hooks = { streamWrite: writtenOut }
  return pino({ level, redact: { paths, censor: '[secret]' }, base: null, hooks }, destination)
}
