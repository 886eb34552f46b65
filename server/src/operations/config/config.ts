/** The configuration: one schema, and the only reader of the environment. An error names the variable. */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { isEveryAddress, originOf } from '../../core/runtime/addresses.ts'
import {
  CronPattern,
  FileText,
  Host,
  Key,
  MailFrom,
  Origin,
  PublicUrl,
  SmtpUrl,
  WebhookSecret,
  wholeNumber,
} from './config-values.ts'

/** Longer than `MAX_BACKDATE_MS`. */
const MIN_HORIZON_DAYS = 4
export const DEFAULT_DATA_DIR = 'rejoin-data'

const Environment = z.object({
  REJOIN_DATA_DIR: z.string().min(1).default(DEFAULT_DATA_DIR).describe('Data directory; created at the first start.'),
  REJOIN_HOST: Host.prefault('127.0.0.1').describe('Address to listen on.'),
  REJOIN_PORT: wholeNumber(z.number().min(0, 'must be a port, 0 to 65535').max(65_535, 'must be a port, 0 to 65535'))
    .prefault('4700')
    .describe('Port to listen on; 0 takes a free one.'),
  REJOIN_PROXIES: wholeNumber(z.number().min(0, 'must be 0 to 5').max(5, 'must be 0 to 5'))
    .prefault('0')
    .describe('Number of reverse proxies in front of the server; each must set X-Forwarded-For.'),
  REJOIN_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Lowest level that is logged.'),
  REJOIN_HORIZON_DAYS: wholeNumber(
    z
      .number()
      .min(MIN_HORIZON_DAYS, `must be at least ${MIN_HORIZON_DAYS}: work up to three days old keeps its own time`),
  )
    .prefault('30')
    .describe(
      'Days a device may be offline and still receive only the changes; after that all its tickets are compared.',
    ),
  REJOIN_SLA_SWEEP: CronPattern.default('*/30 * * * * *').describe('Schedule of the SLA sweep, as a cron pattern.'),
  REJOIN_PUBLIC_URL: PublicUrl.optional().describe(
    'URL that people open to reach the server. Links in emails begin with it; with https, cookies are sent over TLS only.',
  ),
  REJOIN_SMTP_URL: SmtpUrl.optional().describe('SMTP server that sends the emails.'),
  REJOIN_SMTP_URL_FILE: FileText.pipe(SmtpUrl).optional().describe('File with that URL, instead of REJOIN_SMTP_URL.'),
  REJOIN_MAIL_FROM: MailFrom.optional().describe('Sender address of emails.'),
  REJOIN_SECRET_KEY_FILE: FileText.pipe(Key)
    .optional()
    .describe('File with the key that encrypts secrets in the database, instead of secret.key in the data directory.'),
  REJOIN_TLS_CERT_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('TLS certificate and its chain, as PEM; reloaded when the file changes.'),
  REJOIN_TLS_KEY_FILE: z.string().min(1).optional().describe('Private key of the certificate, as PEM.'),
  REJOIN_CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(Origin))
    .optional()
    .describe(
      'Other sites whose pages may call the API with a token, separated by commas, such as https://desk.example.com.',
    ),
  REJOIN_SLOW_QUERY_MS: wholeNumber(z.number().min(0, 'must be 0 or more'))
    .prefault('250')
    .describe('Database queries slower than this are logged, in milliseconds.'),
  REJOIN_REPORT_MS: wholeNumber(
    z.number().min(1, 'must be at least 1').max(600_000, 'must be at most 600000, which is ten minutes'),
  )
    .prefault('10000')
    .describe('Time limit for reports, previews and searches, in milliseconds.'),
  REJOIN_BACKUP_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Backup folder; by default "backups" in the data directory.'),
  REJOIN_BACKUP_SCHEDULE: CronPattern.optional().describe(
    'Backup schedule, as a cron pattern in UTC; without it the server makes no backups.',
  ),
  REJOIN_BACKUP_KEEP: wholeNumber(z.number().min(1, 'must be at least 1'))
    .prefault('14')
    .describe('Number of backups to keep; older ones are removed after each new backup.'),
  REJOIN_BACKUP_RECIPIENT: z
    .string()
    .regex(/^age1[a-z0-9]+$/, 'is not an age public key, such as "rejoin backup new-key" prints')
    .optional()
    .describe('age public key that encrypts backups; without it they are not encrypted.'),
  REJOIN_WEBHOOK_SECRET: WebhookSecret.optional().describe('Secret that signs webhooks.'),
  REJOIN_WEBHOOK_SECRET_FILE: FileText.pipe(WebhookSecret)
    .optional()
    .describe('File with that secret, instead of REJOIN_WEBHOOK_SECRET.'),
  REJOIN_WEBHOOK_PRIVATE: z
    .enum(['yes', 'no'])
    .default('no')
    .describe('Allow webhooks to private addresses: this machine and its network.'),
})

export interface Setting {
  readonly name: string
  /** Undefined: there is none. */
  readonly default: string | undefined
  readonly says: string
}

/** Every setting there is, as the example in a release lists them. */
export function settings(): Setting[] {
  const { properties = {} } = z.toJSONSchema(Environment, { io: 'input' })
  return Object.entries(properties).map(([name, setting]) => {
    if (typeof setting === 'boolean') throw new Error(`${name} has no description`)
    const { default: value, description } = setting
    return {
      name,
      default: typeof value === 'number' ? `${value}` : (value as string | undefined),
      says: description ?? '',
    }
  })
}

export interface Config {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly proxies: number
  readonly logLevel: string
  readonly slaSweep: string
  /** For how long the log reaches back. */
  readonly horizonDays: number
  /** Without a slash at its end. */
  readonly publicUrl: string
  /** Else it is derived from where the server listens. */
  readonly isPublicUrlSet: boolean
  /** Null: mail waits in the outbox. */
  readonly mail: MailConfig | null
  /** Null: the one in the data folder, made at first start. */
  readonly secretKey: Uint8Array | null
  /** Null: calls of other systems wait in the outbox. */
  readonly webhook: { readonly secret: string; readonly allowsPrivate: boolean } | null
  readonly backup: BackupConfig
  /** Null: requests come in plain, from this machine or a proxy. */
  readonly tls: TlsConfig | null
  /** Origins whose pages may call the API. */
  readonly corsOrigins: readonly string[]
  readonly slowQueryMs: number
  /** How long a report may compute. */
  readonly reportMs: number
}

export interface TlsConfig {
  readonly certFile: string
  readonly keyFile: string
}

export interface BackupConfig {
  readonly folder: string
  /** Null: none is made by itself. */
  readonly schedule: string | null
  readonly keep: number
  /** Null: they are not encrypted. */
  readonly recipient: string | null
}

export interface MailConfig {
  readonly smtpUrl: string
  readonly from: string
}

/** The configuration cannot be used; the message names each variable and what is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads the configuration from environment variables. Blank ones count as absent. Throws `ConfigError`. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.entries(environment).filter(
    ([name, value]) => name.startsWith('REJOIN_') && value?.trim() !== '',
  )
  const unknown = given.map(([name]) => name).filter((name) => !Object.hasOwn(Environment.shape, name))
  const result = Environment.safeParse(Object.fromEntries(given))
  const problems = [
    ...unknown.map((name) => `${name} is not a setting. Settings: ${Object.keys(Environment.shape).join(', ')}.`),
    ...(result.error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}.`),
  ]
  if (!result.success || problems.length > 0) throw new ConfigError(problems.join('\n'))
  const { data } = result
  const { REJOIN_HOST: host, REJOIN_PORT: port } = data
  return {
    dataDir: resolve(data.REJOIN_DATA_DIR),
    host,
    port,
    proxies: data.REJOIN_PROXIES,
    logLevel: data.REJOIN_LOG_LEVEL,
    slaSweep: data.REJOIN_SLA_SWEEP,
    horizonDays: data.REJOIN_HORIZON_DAYS,
    publicUrl: data.REJOIN_PUBLIC_URL ?? derivedUrl(data),
    isPublicUrlSet: data.REJOIN_PUBLIC_URL !== undefined,
    mail: mailConfig(data),
    secretKey: data.REJOIN_SECRET_KEY_FILE ?? null,
    tls: tlsConfig(data),
    corsOrigins: data.REJOIN_CORS_ORIGINS ?? [],
    slowQueryMs: data.REJOIN_SLOW_QUERY_MS,
    reportMs: data.REJOIN_REPORT_MS,
    backup: {
      folder: resolve(data.REJOIN_BACKUP_DIR ?? join(data.REJOIN_DATA_DIR, 'backups')),
      schedule: data.REJOIN_BACKUP_SCHEDULE ?? null,
      keep: data.REJOIN_BACKUP_KEEP,
      recipient: data.REJOIN_BACKUP_RECIPIENT ?? null,
    },
    webhook: webhookConfig(data),
  }
}

/** Where people reach a server of which nobody has said where. */
function derivedUrl(data: z.output<typeof Environment>): string {
  const { REJOIN_HOST: host, REJOIN_PORT: port, REJOIN_TLS_CERT_FILE: certFile } = data
  const isEvery = isEveryAddress(host)
  if (isEvery && mailConfig(data) !== null) {
    throw new ConfigError(
      `REJOIN_PUBLIC_URL is required: REJOIN_HOST=${host} means every address of this machine, and links in emails need one address. Set it to the URL that people open, such as https://help.example.com.`,
    )
  }
  const url = originOf({ host: isEvery ? 'localhost' : host, port, isTls: certFile !== undefined })
  if (URL.canParse(url)) return url
  throw new ConfigError(
    `REJOIN_PUBLIC_URL is required: no URL can be made from REJOIN_HOST=${host}. Set it to the URL that people open, such as https://help.example.com.`,
  )
}

function tlsConfig(data: z.output<typeof Environment>): TlsConfig | null {
  const { REJOIN_TLS_CERT_FILE: certFile, REJOIN_TLS_KEY_FILE: keyFile } = data
  if (certFile === undefined && keyFile === undefined) return null
  if (certFile !== undefined && keyFile !== undefined) return { certFile: resolve(certFile), keyFile: resolve(keyFile) }
  throw new ConfigError(
    'Set both REJOIN_TLS_CERT_FILE and REJOIN_TLS_KEY_FILE: a certificate and its private key, as PEM.',
  )
}

function mailConfig(data: z.output<typeof Environment>): MailConfig | null {
  const smtpUrl = data.REJOIN_SMTP_URL ?? data.REJOIN_SMTP_URL_FILE
  const from = data.REJOIN_MAIL_FROM
  if (smtpUrl === undefined && from === undefined) return null
  if (smtpUrl !== undefined && from !== undefined) return { smtpUrl, from }
  throw new ConfigError(
    from === undefined
      ? 'REJOIN_SMTP_URL needs REJOIN_MAIL_FROM as well: a sender address such as Help <help@example.com>.'
      : 'REJOIN_MAIL_FROM needs REJOIN_SMTP_URL as well: a URL such as smtps://user:password@mail.example.com.',
  )
}

function webhookConfig(data: z.output<typeof Environment>): Config['webhook'] {
  const secret = data.REJOIN_WEBHOOK_SECRET ?? data.REJOIN_WEBHOOK_SECRET_FILE
  return secret === undefined ? null : { secret, allowsPrivate: data.REJOIN_WEBHOOK_PRIVATE === 'yes' }
}
