/** The program of a worker thread: every task that it can run. It reads no settings. */
import { serveTasks } from './core/runtime/workers/thread.ts'
import { candidatesReport } from './core/maintenance/rebuild-candidates.ts'
import { readHolidays } from './slices/sla/calendars/tasks.ts'
import { driftReport } from './slices/sla/clocks/sample.ts'
import { checkReport, metricsReport, previewReport } from './slices/sla/reports/tasks.ts'
import { searchReport } from './slices/tickets/search.ts'

const REPORTS = [candidatesReport, checkReport, driftReport, metricsReport, previewReport, searchReport]

serveTasks([readHolidays, ...REPORTS.map(({ task }) => task)])
