/** The configuration: one schema, and the only reader of the environment. An error names the variable. */
import { resolve } from 'node:path'
import { Cron } from 'croner'
import { z } from 'zod'

const CronPattern = z.string().refine(isCronPattern, 'is not a cron pattern such as "*/30 * * * * *"')

/** Longer than `MAX_BACKDATE_MS`. */
const MIN_HORIZON_DAYS = 4

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
})

export interface Config {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly logLevel: string
  readonly slaSweep: string
  /** For how long the log reaches back. */
  readonly horizonDays: number
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
  return {
    dataDir: resolve(data.REJOIN_DATA_DIR),
    host: data.REJOIN_HOST,
    port: data.REJOIN_PORT,
    logLevel: data.REJOIN_LOG_LEVEL,
    slaSweep: data.REJOIN_SLA_SWEEP,
    horizonDays: data.REJOIN_HORIZON_DAYS,
  }
}

function isCronPattern(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRun() !== null
  } catch {
    return false
  }
}
