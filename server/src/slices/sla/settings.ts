import { CronPattern } from '../../core/input/setting.ts'

export const slaSettings = {
  REJOIN_SLA_SWEEP: CronPattern.default('*/30 * * * * *').describe('Schedule of the SLA sweep, as a cron pattern.'),
}
