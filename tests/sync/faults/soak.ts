/**
 * `pnpm test:soak [--minutes N] [--seed S] [--runs N] [--steps N] [--in-process]`: runs seeds one after the other until
 * the time or the number of runs is over, against a server in a process of its own that is killed with SIGKILL, and
 * says what it saw. The exit code is 1 at the first seed that breaks a law.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { failureText, Summary } from './report.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string', default: 'Infinity' },
    steps: { type: 'string', default: '200' },
    'in-process': { type: 'boolean', default: false },
  },
})
const isInProcess = values['in-process']
const steps = Number(values.steps)
const endAt = performance.now() + Number(values.minutes) * 60_000
const cacheDir = mkdtempSync(join(tmpdir(), 'rejoin-soak-cache-'))
const firstSeed = Number(values.seed)
const summary = new Summary(firstSeed)
const isGoingOn = () =>
  summary.seeds < Number(values.runs) && (Number.isFinite(Number(values.runs)) || performance.now() < endAt)

for (let seed = firstSeed; isGoingOn() && summary.failures === 0; seed += 1) {
  const outcome = await simulate({ seed, steps, cacheDir: isInProcess ? null : cacheDir })
  summary.add(outcome)
  if (outcome.error !== null) process.stdout.write(failureText({ seed, steps, isInProcess }, outcome))
}
process.stdout.write(summary.text())
rmSync(cacheDir, { recursive: true, force: true })
process.exit(summary.failures === 0 ? 0 : 1)
