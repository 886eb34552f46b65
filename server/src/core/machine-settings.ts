/**
 * The settings of the machine: the data directory, the reach of the log, and the level of detail in logs and reports.
 */
import { z } from 'zod'
import { wholeNumber } from './input/setting.ts'

/** Longer than `MAX_BACKDATE_MS`. */
const MIN_HORIZON_DAYS = 4
export const DEFAULT_DATA_DIR = 'rejoin-data'

export const dataSettings = {
  REJOIN_DATA_DIR: z.string().min(1).default(DEFAULT_DATA_DIR).describe('Data directory; created at the first start.'),
}

export const logSettings = {
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
}

export const timingSettings = {
  REJOIN_SLOW_QUERY_MS: wholeNumber(z.number().min(0, 'must be 0 or more'))
    .prefault('250')
    .describe('Database queries slower than this are logged, in milliseconds.'),
  REJOIN_REPORT_MS: wholeNumber(
    z.number().min(1, 'must be at least 1').max(600_000, 'must be at most 600000, which is ten minutes'),
  )
    .prefault('10000')
    .describe('Time limit for reports, previews and searches, in milliseconds.'),
}
