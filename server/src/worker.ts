/** The program of a worker thread: every task that one may be asked for. It reads no settings. */
import { serveTasks } from './core/workers/thread.ts'
import { readHolidays } from './sla/calendars/tasks.ts'

serveTasks([readHolidays])
