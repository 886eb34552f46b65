/**
 * `pnpm test:mutations [--only N]`: breaks the program on purpose, one line at a time, in a copy of the tree, and runs
 * the simulator there, or the test that goes where the simulator does not. A breakage that is not caught fails the check.
 * The program itself has no hooks for this.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTATIONS, type Mutation } from './table.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
const PARTS = ['shared', 'server', 'client-sdk', 'migrations', 'tests']
/** Of the simulator; the unbroken program passes them. */
const SEED = 1
const RUNS = 24
const TIMEOUT_MS = 300_000

const { values } = parseArgs({ options: { only: { type: 'string' } } })

const folder = mkdtempSync(join(tmpdir(), 'rejoin-mutations-'))
let isClean = true
try {
  copyTree(folder)
  if (values.only === undefined) say('unbroken', (await simulateIn(folder, 3)) === null ? 'passes' : 'FAILS', null)
  const chosen = values.only === undefined ? MUTATIONS : MUTATIONS.slice(Number(values.only), Number(values.only) + 1)
  for (const mutation of chosen) await check(mutation)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(isClean ? 0 : 1)

async function check(mutation: Mutation): Promise<void> {
  const path = join(folder, mutation.file)
  const whole = readFileSync(path, 'utf8')
  if (whole.split(mutation.line).length !== 2) {
    say(`law ${mutation.law}: ${mutation.what}`, 'FAILS', `its line does not stand once in ${mutation.file}`)
    return
  }
  if (mutation.test !== undefined && (await testIn(folder, mutation.test)) !== null) {
    say(`law ${mutation.law}: ${mutation.what}`, 'FAILS', `${mutation.test} fails without it`)
    return
  }
  writeFileSync(
    path,
    whole.replace(mutation.line, () => mutation.instead),
  )
  const failure = mutation.test === undefined ? await simulateIn(folder, RUNS) : await testIn(folder, mutation.test)
  writeFileSync(path, whole)
  say(`law ${mutation.law}: ${mutation.what}`, failure === null ? 'FAILS: it survives' : 'is caught', failure)
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
async function testIn(cwd: string, test: string): Promise<string | null> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', test]
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
