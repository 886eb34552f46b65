/** `pnpm demo` as run from a downloaded project: a process with arguments, an output and an exit code. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DEMO, ENVIRONMENT } from '../harness/program/program.ts'

const PATIENCE_MS = 120_000

interface Ended {
  readonly exitCode: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs the demo without a terminal. */
function demo(...args: string[]): Promise<Ended> {
  const { FORCE_COLOR: _, ...env } = process.env
  return new Promise((resolve) => {
    execFile(process.execPath, [DEMO, ...args], { env: { ...env, ...ENVIRONMENT } }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
    )
  })
}

const COLUMNS = [
  'number',
  'incident_state',
  'sys_updated_at',
  'sys_updated_by',
  'category',
  'subcategory',
  'priority',
  'assignment_group',
  'assigned_to',
]

const UPDATES = [
  'INC1,New,01-03-2016 09:00,Ann,Network,?,3 - Moderate,?,?',
  'INC1,Active,01-03-2016 09:10,Ann,Network,Wi-Fi,2 - High,Group 1,Resolver 1',
  'INC1,Awaiting User Info,01-03-2016 09:20,Bob,Network,Wi-Fi,2 - High,Group 1,Resolver 2',
  'INC1,Awaiting Vendor,01-03-2016 09:40,Bob,Network,Wi-Fi,2 - High,Group 1,Resolver 2',
  'INC1,Active,01-03-2016 10:00,Bob,Network,Wi-Fi,2 - High,Group 2,Resolver 3',
  'INC1,Resolved,01-03-2016 10:30,Cid,Network,Wi-Fi,2 - High,Group 2,Resolver 3',
  'INC1,Active,01-03-2016 11:00,Cid,Network,Wi-Fi,2 - High,Group 2,Resolver 3',
  'INC1,Resolved,01-03-2016 11:30,Cid,Network,Wi-Fi,2 - High,Group 2,Resolver 3',
  'INC1,Closed,02-03-2016 09:00,Cid,Network,Wi-Fi,2 - High,Group 2,Resolver 3',
  'INC2,Active,01-03-2016 09:05,Ann,Printing,?,4 - Low,Group 1,Resolver 1',
  'INC2,Active,01-03-2016 09:06,Ann,Printing,?,4 - Low,Group 1,Resolver 1',
  'INC2,Some other state,01-03-2016 09:07,Ann,Printing,?,4 - Low,Group 3,?',
  'INC2,Awaiting Problem,01-03-2016 09:30,Dot,Printing,?,1 - Critical,Group 3,Resolver 4',
  'INC3,Resolved,01-03-2016 09:15,Dot,?,?,3 - Moderate,Group 3,Resolver 4',
  'INC3,Closed,01-03-2016 12:15,Dot,?,?,3 - Moderate,Group 1,Resolver 4',
]

/** The path of a file with `content`, gone after the test. */
function file(name: string, content: string | Uint8Array): { path: string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-log-'))
  const path = join(dir, name)
  writeFileSync(path, content)
  return { path, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) }
}

function logOf(updates: readonly string[]): string {
  return [COLUMNS.join(), ...updates, ''].join('\n')
}

it('tells the whole story, everything in it holds, and no process is left', { timeout: PATIENCE_MS }, async () => {
  const { exitCode, stdout, stderr } = await demo()

  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/TKT-0002 was[\s│]+reassigned/)
  expect(stdout).toContain('✓ both edits of the description are there')
  expect(stdout).toContain('✓ they hold what they should, and each replica equals the server')
  expect(stdout).toContain('sla-breached')
  expect(stdout).toContain('✓ everybody’s replicas equal the restarted server')
  expect(stdout).toContain('✓ and sending them again changed nothing')
  expect(stdout, 'no colours without a terminal').not.toContain('\u{1b}')

  const pids = [...stdout.matchAll(/as process (\d+)/g)].map(([, pid]) => Number(pid))
  expect(pids, 'a server and the one after the crash').toHaveLength(2)
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

describe('--from', () => {
  it.for([
    ['log.csv', logOf(UPDATES)],
    ['log.csv.gz', gzipSync(logOf(UPDATES))],
  ] as const)('puts every update of %s through', { timeout: PATIENCE_MS }, async ([name, content]) => {
    using log = file(name, content)
    const { exitCode, stdout, stderr } = await demo('--from', log.path, '--seed', '7')

    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('15 updates of 3 incidents')
    expect(stdout).toContain('--seed 7')
    expect(stdout).toContain('every update became commands, each with a verdict: 15 of 15')
    expect(stdout).toContain('✓ no command waits')
    expect(stdout).toContain('✓ the server has 3 tickets, one for each incident')
    expect(stdout).toMatch(/updates put through +│ 15 of 15/)
    expect(stdout).toMatch(/commands left waiting +│ 0/)
  })

  it('lets sixty groups sign in from one place', { timeout: PATIENCE_MS }, async () => {
    const updates = Array.from({ length: 60 }, (_, index) => (UPDATES[1] ?? '').replace('Group 1', `Group ${index}`))
    using log = file('log.csv', logOf(updates))
    const { exitCode, stdout, stderr } = await demo('--from', log.path)

    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toContain('60 updates of 1 incidents')
  })

  it.for([
    ['is empty', '', 'has no updates'],
    ['has no updates', logOf([]), 'has no updates'],
    ['is something else', 'a,b\n1,2\n', 'is not an incident log: line 2, number'],
    ['has a broken row', logOf(['INC1,New']), 'is not a CSV file'],
    [
      'has an impossible time',
      logOf([(UPDATES[0] ?? '').replace('01-03', '41-03')]),
      '"41-03-2016 09:00" is not a time',
    ],
    ['is a broken archive', Uint8Array.of(0x1f, 0x8b, 8, 0), 'is not a CSV file'],
  ] as const)('says in one sentence that a file %s', async ([, content, problem]) => {
    using log = file('log.csv', content)
    const { exitCode, stdout, stderr } = await demo('--from', log.path)

    expect(exitCode).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(problem)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('says in one sentence that there is no such file', async () => {
    const { exitCode, stderr } = await demo('--from', '/nowhere/log.csv')

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^✗ \/nowhere\/log\.csv cannot be read: .*\n$/)
  })
})

it.for([[['--nope']], [['--seed', '3']], [['--from', 'log.csv', '--seed', 'soon']], [['story']]] as const)(
  'shows the usage for %s',
  async ([args]) => {
    const { exitCode, stderr } = await demo(...args)

    expect(exitCode).toBe(1)
    expect(stderr).toContain('Usage: pnpm demo')
  },
)
