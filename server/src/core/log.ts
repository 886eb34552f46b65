/** Structured logs. Nothing secret is written: tokens, cookies and passwords are cut out, down to `req.headers.cookie`. */
import { pino, type DestinationStream, type Logger } from 'pino'

export type Log = Logger

const SECRETS = ['token', 'password', 'passwordHash', 'cookie', 'authorization', 'secret', 'passphrase', 'smtpUrl']

/** Writes to standard output, unless another destination is given. */
export function createLog(level: string, destination: DestinationStream = pino.destination(1)): Log {
  const paths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  return pino({ level, redact: { paths, censor: '[secret]' }, base: null }, destination)
}
