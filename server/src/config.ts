/** The configuration: one schema, and the only reader of the environment. An error names the variable. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Cron } from 'croner'
import { z } from 'zod'

const CronPattern = z.string().refine(isCronPattern, 'is not a cron pattern such as "*/30 * * * * *"')

/** Longer than `MAX_BACKDATE_MS`. */
const MIN_HORIZON_DAYS = 4
const SmtpUrl = z.string().refine((url) => URL.canParse(url) && /^smtps?:$/.test(new URL(url).protocol), {
  message: 'is not an SMTP address such as smtps://user:password@mail.example.com',
})

/** The text of the file at a path: how a secret is kept out of the environment. */
const FileText = z.string().transform((path, context) => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.addIssue({ code: 'custom', message: `cannot be read: ${reason}` })
    return z.NEVER
  }
})

const Environment = z.object({
  REJOIN_DATA_DIR: z.string().min(1).default('rejoin-data').describe('Folder of the database; made at first start.'),
  REJOIN_HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  REJOIN_PORT: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must be a port, 0 to 65535')
    .max(65_535, 'must be a port, 0 to 65535')
    .default(4700)
    .describe('Port to listen on; 0 takes a free one.'),
  REJOIN_PROXIES: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must be 0 to 5')
    .max(5, 'must be 0 to 5')
    .default(0)
    .describe('How many proxies of yours stand in front; they must set X-Forwarded-For.'),
  REJOIN_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('The least level that is logged.'),
  REJOIN_HORIZON_DAYS: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(MIN_HORIZON_DAYS, `must be at least ${MIN_HORIZON_DAYS}: work is taken at its own time for three days`)
    .default(30)
    .describe('How many days a device may be away and still be told only what has changed.'),
  REJOIN_SLA_SWEEP: CronPattern.default('*/30 * * * * *').describe('When the SLA sweep runs, as a cron pattern.'),
  REJOIN_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'is not an address such as https://help.example.com' })
    .optional()
    .describe(
      'The address by which people reach this server: links in mail begin with it, and with https cookies are sent over TLS only.',
    ),
  REJOIN_SMTP_URL: SmtpUrl.optional().describe('The mail server that takes mail for delivery.'),
  REJOIN_SMTP_URL_FILE: FileText.pipe(SmtpUrl).optional().describe('A file with that address, in its place.'),
  REJOIN_MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>@\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
      'is not an address such as Help <help@example.com>',
    )
    .optional()
    .describe('The sender of mail.'),
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
  /** Null: mail waits in the outbox. */
  readonly mail: MailConfig | null
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
    publicUrl: (data.REJOIN_PUBLIC_URL ?? `http://${host}:${port}`).replace(/\/+$/, ''),
    mail: mailConfig(data),
  }
}

function mailConfig(data: z.output<typeof Environment>): MailConfig | null {
  const smtpUrl = data.REJOIN_SMTP_URL ?? data.REJOIN_SMTP_URL_FILE
  const from = data.REJOIN_MAIL_FROM
  if (smtpUrl === undefined && from === undefined) return null
  if (smtpUrl !== undefined && from !== undefined) return { smtpUrl, from }
  throw new ConfigError(
    from === undefined
      ? 'REJOIN_SMTP_URL needs REJOIN_MAIL_FROM as well: an address such as Help <help@example.com>.'
      : 'REJOIN_MAIL_FROM needs REJOIN_SMTP_URL as well: an address such as smtps://user:password@mail.example.com.',
  )
}

function isCronPattern(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRun() !== null
  } catch {
    return false
  }
}
