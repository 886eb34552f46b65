/**
 * The configuration: the settings of every slice and room, joined, and the only reader of the environment. An error
 * names the variable.
 */
import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/input/setting.ts'
import { dataSettings, logSettings, timingSettings } from '../../core/machine-settings.ts'
import { mailConfig, mailSettings, type MailConfig } from '../../slices/mail/settings.ts'
import { slaSettings } from '../../slices/sla/settings.ts'
import { webhookConfig, webhookSettings, type WebhookConfig } from '../../slices/webhooks/settings.ts'
import { backupConfig, backupSettings, type BackupConfig } from '../backup/settings.ts'
import { secretKeySettings } from '../secret-key.ts'
import { addressSettings, derivedUrl, publicSettings, siteSettings, tlsConfig, type TlsConfig } from './listening.ts'

/** In the order of the example in a release. */
const Environment = z.object({
  ...dataSettings,
  ...addressSettings,
  ...logSettings,
  ...slaSettings,
  ...publicSettings,
  ...mailSettings,
  ...secretKeySettings,
  ...siteSettings,
  ...timingSettings,
  ...backupSettings,
  ...webhookSettings,
})

export interface Setting {
  readonly name: string
  /** Undefined: no default. */
  readonly default: string | undefined
  readonly description: string
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
      description: description ?? '',
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
  /** How far back the log reaches. */
  readonly horizonDays: number
  /** Without a slash at its end. */
  readonly publicUrl: string
  /** If not, it is derived from the address on which the server listens. */
  readonly isPublicUrlSet: boolean
  /** Null: mail waits in the outbox. */
  readonly mail: MailConfig | null
  /** Null: the key in the data folder, made at first start. */
  readonly secretKey: Uint8Array | null
  /** Null: webhook calls wait in the outbox. */
  readonly webhook: WebhookConfig | null
  readonly backup: BackupConfig
  /** Null: requests come in plain, from this machine or a proxy. */
  readonly tls: TlsConfig | null
  /** Origins whose pages may call the API. */
  readonly corsOrigins: readonly string[]
  readonly slowQueryMs: number
  /** The time limit of a report. */
  readonly reportMs: number
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
  const { REJOIN_DATA_DIR: dataDir, REJOIN_HOST: host, REJOIN_PORT: port } = data
  const mail = mailConfig(data)
  return {
    dataDir: resolve(dataDir),
    host,
    port,
    proxies: data.REJOIN_PROXIES,
    logLevel: data.REJOIN_LOG_LEVEL,
    slaSweep: data.REJOIN_SLA_SWEEP,
    horizonDays: data.REJOIN_HORIZON_DAYS,
    publicUrl: data.REJOIN_PUBLIC_URL ?? derivedUrl(data, { sendsMail: mail !== null }),
    isPublicUrlSet: data.REJOIN_PUBLIC_URL !== undefined,
    mail,
    secretKey: data.REJOIN_SECRET_KEY_FILE ?? null,
    tls: tlsConfig(data),
    corsOrigins: data.REJOIN_CORS_ORIGINS ?? [],
    slowQueryMs: data.REJOIN_SLOW_QUERY_MS,
    reportMs: data.REJOIN_REPORT_MS,
    backup: backupConfig(data, dataDir),
    webhook: webhookConfig(data),
  }
}
