/** The program of a worker thread: every task that one may be asked for. It reads no settings. */
import { serveTasks } from './core/workers/thread.ts'
import { candidatesReport } from './core/rebuild-candidates.ts'
import { readHolidays } from './sla/calendars/tasks.ts'
import { driftReport } from './sla/clocks/sample.ts'
import { checkReport, metricsReport, previewReport } from './sla/reports/tasks.ts'
import { searchReport } from './tickets/search.ts'

const REPORTS = [candidatesReport, checkReport, driftReport, metricsReport, previewReport, searchReport]

serveTasks([readHolidays, ...REPORTS.map(({ task }) => task)])
