/** Structured logs. Nothing secret is written: tokens, cookies and passwords are cut out wherever they appear. */
import { pino, type Logger } from 'pino'

export type Log = Logger

const SECRETS = ['token', 'password', 'passwordHash', 'cookie', 'authorization']

export function createLog(level: string): Log {
  return pino({
    level,
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    base: null,
  })
}
