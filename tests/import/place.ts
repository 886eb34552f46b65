/** A folder to import into, by the command line as an operator would, and a small log to import. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openApp, type App } from '@rejoin/server/app.ts'
import { readConfig } from '@rejoin/server/operations/config/config.ts'
import { openDatabase } from '@rejoin/server/core/storage/db.ts'
import { makeWorkspace } from '../harness/empty-workspace.ts'
import { ENVIRONMENT, MAIN } from '../harness/program/program.ts'
import { rejoin } from '../harness/rejoin.ts'

const ROOT = resolve(import.meta.dirname, '../..')
export const REAL_LOG = resolve(ROOT, '../shared/data/servicenow-incidents.csv.gz')

export const COLUMNS = (
  'number incident_state reopen_count sys_mod_count caller_id opened_by opened_at sys_updated_by sys_updated_at ' +
  'contact_type location category subcategory u_symptom priority assignment_group assigned_to closed_code ' +
  'resolved_by resolved_at closed_at made_sla'
).split(' ')

export type Cells = Readonly<Record<string, string>>

export const OPENED: Cells = {
  number: 'INC1',
  incident_state: 'New',
  reopen_count: '0',
  sys_mod_count: '0',
  caller_id: 'Carla Caller',
  opened_by: 'Dora Desk',
  opened_at: '29-02-2016 09:00',
  sys_updated_by: 'Dora Desk',
  sys_updated_at: '29-02-2016 09:05',
  contact_type: 'Phone',
  location: 'Lagos',
  category: 'Printing',
  priority: '3 - Moderate',
  assignment_group: 'Desk',
}

/** One incident that is moved, assigned, made to wait, resolved, reopened, resolved again and closed. */
export const LIFE: readonly Cells[] = [
  {},
  { sys_updated_at: '29-02-2016 09:30', incident_state: 'Active', assignment_group: 'Field', assigned_to: 'Ada' },
  { sys_updated_at: '29-02-2016 10:00', incident_state: 'Awaiting Problem', priority: '2 - High' },
  { sys_updated_at: '29-02-2016 11:00', incident_state: 'Resolved', closed_code: 'code 5' },
  { sys_updated_at: '29-02-2016 12:00', incident_state: 'Active', reopen_count: '1' },
  { sys_updated_at: '01-03-2016 08:00', incident_state: 'Resolved' },
  { sys_updated_at: '02-03-2016 08:00', incident_state: 'Closed' },
].reduce<Cells[]>((rows, change) => {
  const last = { resolved_by: 'Bob', resolved_at: '01-03-2016 07:50', closed_at: '02-03-2016 08:00' }
  return [...rows, { ...OPENED, ...last, ...rows.at(-1), sys_mod_count: String(rows.length), ...change }]
}, [])

export function csv(rows: readonly Cells[]): string {
  const lines = rows.map((row) => COLUMNS.map((name) => row[name] ?? '?').join(','))
  return [COLUMNS.join(','), ...lines, ''].join('\r\n')
}

export function manyIncidents(amount: number): Cells[] {
  const numbers = Array.from({ length: amount }, (_, index) => `INC${index + 1}`)
  return numbers.flatMap((number) => LIFE.map((row) => ({ ...row, number })))
}

const IMPORT = ['import', 'servicenow']

export function startPlace() {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-import-'))
  const dataDir = join(dir, 'data')
  makeWorkspace(dataDir)
  const environment = { REJOIN_DATA_DIR: dataDir, REJOIN_LOG_LEVEL: 'silent' }
  return {
    dir,
    dataDir,
    write(name: string, content: string | Buffer): string {
      writeFileSync(join(dir, name), content)
      return name
    },
    async run(file: string, ...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
      const { code, out, errors } = await rejoin([...IMPORT, file, ...flags], { env: environment, cwd: dir })
      return { code, stdout: out, stderr: errors }
    },
    start: (file: string) =>
      spawn(process.execPath, [MAIN, ...IMPORT, file], {
        env: { ...ENVIRONMENT, ...environment },
        cwd: dir,
        stdio: 'ignore',
      }),
    async open(): Promise<App & AsyncDisposable> {
      const app = await openApp(readConfig(environment))
      return { ...app, [Symbol.asyncDispose]: () => app.close() }
    },
    /** Everything an import writes, without what differs from run to run. */
    async content(): Promise<unknown> {
      const db = await openDatabase(dataDir)
      const { reader } = db
      const tickets = reader
        .selectFrom('ticket')
        .select(['number', 'title', 'status', 'assigneeId', 'resolvedAt', 'rev'])
      const events = reader.selectFrom('event').select(['subjectId', 'type', 'actorId', 'effectiveAt', 'seq'])
      const receipts = reader.selectFrom('receipt').select(['id', 'outcome', 'output'])
      const users = reader.selectFrom('user').select(['id', 'email', 'role', 'scopeSeq'])
      const members = reader.selectFrom('membership').selectAll().orderBy('userId').orderBy('departmentId')
      const clocks = reader.selectFrom('slaClock').select(['ticketId', 'metric', 'state', 'elapsedMs', 'stopAt'])
      const queries = [
        tickets.orderBy('id'),
        events.orderBy('id'),
        receipts.orderBy('id'),
        users.orderBy('id'),
        members,
      ]
      const rows = [clocks.orderBy('ticketId').orderBy('metric'), ...queries].map((query) => query.execute())
      const content = await Promise.all(rows)
      await db.close()
      return content
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}

export function at(time: string): number {
  return Date.parse(`${time}Z`)
}
