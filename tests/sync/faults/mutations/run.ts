/**
 * `pnpm test:mutations [--table laws|sla] [--only N]`: breaks the program on purpose, one line at a time, in a copy of
 * the tree, and runs the simulator there, or the test that goes where the simulator does not. A breakage that is not caught
 * fails the check. The program itself has no hooks for this.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CLOCK_MUTATIONS } from '../../../sla/mutations/clocks.ts'
import { TIME_MUTATIONS } from '../../../sla/mutations/working-time.ts'
import type { Mutation } from './mutation.ts'
import { LAW_MUTATIONS } from './table.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
const PARTS = ['shared', 'server', 'client-sdk', 'migrations', 'tests']
/** Of the simulator; the unbroken program passes them. */
const SEED = 1
const RUNS = 24
const TIMEOUT_MS = 300_000

const TABLES: Readonly<Record<string, readonly Mutation[]>> = {
  laws: LAW_MUTATIONS.map((mutation) => ({ ...mutation, what: `law ${mutation.law}: ${mutation.what}` })),
  sla: [...TIME_MUTATIONS, ...CLOCK_MUTATIONS],
}

const { values } = parseArgs({ options: { only: { type: 'string' }, table: { type: 'string' } } })
const table = values.table === undefined ? Object.values(TABLES).flat() : TABLES[values.table]
if (table === undefined)
  throw new Error(`There is no table ${values.table}. There are: ${Object.keys(TABLES).join(', ')}.`)
const chosen = values.only === undefined ? table : table.slice(Number(values.only), Number(values.only) + 1)
/** What the tests say of the unbroken program, each asked once. */
const unbroken = new Map<string, Promise<string | null>>()

const folder = mkdtempSync(join(tmpdir(), 'rejoin-mutations-'))
let isClean = true
try {
  copyTree(folder)
  if (chosen.some(({ test }) => test === undefined))
    say('unbroken', (await simulateIn(folder, 3)) === null ? 'passes' : 'FAILS', null)
  for (const mutation of chosen) await check(mutation)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(isClean ? 0 : 1)

async function check(mutation: Mutation): Promise<void> {
  const path = join(folder, mutation.file)
  const whole = readFileSync(path, 'utf8')
  if (whole.split(mutation.line).length !== 2) {
    say(mutation.what, 'FAILS', `its line does not stand once in ${mutation.file}`)
    return
  }
  if ((await failureWithout(mutation)) !== null) {
    say(mutation.what, 'FAILS', `${mutation.test} fails without it`)
    return
  }
  writeFileSync(
    path,
    whole.replace(mutation.line, () => mutation.instead),
  )
  const failure = mutation.test === undefined ? await simulateIn(folder, RUNS) : await testIn(folder, mutation)
  writeFileSync(path, whole)
  say(mutation.what, failure === null ? 'FAILS: it survives' : 'is caught', failure)
}

async function failureWithout(mutation: Mutation): Promise<string | null> {
  const { test, named = '' } = mutation
  if (test === undefined) return null
  const key = `${test} ${named}`
  const known = unbroken.get(key) ?? testIn(folder, mutation)
  unbroken.set(key, known)
  return known
}

/** Null when every run passed, else how the first failed. */
async function simulateIn(cwd: string, runs: number): Promise<string | null> {
  const args = ['tests/sync/faults/soak.ts', '--in-process', '--seed', String(SEED), '--runs', String(runs)]
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) done(null)
      else done((/^Seed .*/m.exec(stdout)?.[0] ?? (stderr.trim().split('\n').at(-1) || error.message)).slice(0, 240))
    })
  })
}

/** Null when the test passed, else its first failure. */
async function testIn(cwd: string, { test = '', named }: Mutation): Promise<string | null> {
  const only = named === undefined ? [] : ['-t', named]
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1', test, ...only]
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) done(null)
      else done((/(?:FAIL|Error:).*/.exec(stdout + stderr)?.[0] ?? error.message).slice(0, 240))
    })
  })
}

function copyTree(to: string): void {
  const isSource = (path: string) => !['node_modules', 'dist', '.git'].includes(basename(path))
  for (const name of ['package.json', 'tsconfig.base.json', 'vitest.config.ts'])
    cpSync(join(ROOT, name), join(to, name))
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'))
  for (const part of PARTS) {
    cpSync(join(ROOT, part), join(to, part), { recursive: true, filter: isSource })
    const modules = join(ROOT, part, 'node_modules')
    // These are links relative to where they are, so that those to our own packages lead to the copies.
    if (!existsSync(modules)) continue
    cpSync(modules, join(to, part, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => lstatSync(path).isDirectory() || lstatSync(path).isSymbolicLink(),
    })
  }
}

function say(what: string, verdict: string, detail: string | null): void {
  if (verdict.startsWith('FAILS')) isClean = false
  process.stdout.write(`${verdict.padEnd(20)} ${what}\n${detail === null ? '' : `${' '.repeat(21)}${detail}\n`}`)
}
