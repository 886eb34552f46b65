/** The program of a worker thread: every task that one may be asked for. It reads no settings. */
import { serveTasks } from './core/workers/thread.ts'
import { readHolidays } from './sla/calendars/tasks.ts'
import { checkReport, metricsReport, previewReport } from './sla/reports/tasks.ts'
import { searchReport } from './tickets/tasks.ts'

const REPORTS = [checkReport, metricsReport, previewReport, searchReport]

serveTasks([readHolidays, ...REPORTS.map(({ task }) => task)])
