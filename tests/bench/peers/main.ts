/**
 * `pnpm bench [scenario…]`: Rejoin beside its peers on this machine, as Markdown tables. Without names, everything; it
 * takes about half an hour. BENCH_RUNS sets the runs of each (3). Every run has a server process and a client process
 * of its own on a fresh copy of the fixture; the systems take turns, so that a noisy minute hits all of them.
 */
import { execFile } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { measureFsync } from '../fsync.ts'
import { dropFixtures } from './fixture.ts'
import { makeFixture } from './make-fixture.ts'
import { reportOf, type Samples } from './report.ts'
import { findSystem, getScenario, SCENARIOS, type Scenario } from './scenarios/scenarios.ts'
import type { Figures } from './scenarios/stage.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 3)
const LIMIT_MS = 240_000
const RUN = join(import.meta.dirname, 'run.ts')
const execute = promisify(execFile)

const names = process.argv.slice(2)
const chosen = (names.length > 0 ? names : Object.keys(SCENARIOS)).map((name) => ({ name, ...getScenario(name) }))

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.version}`,
)
console.log(`fsync of 4 KB: ${measureFsync()}; ${RUNS} runs each: median (least–most)\n`)
for (const name of new Set(chosen.flatMap(({ systems }) => systems))) {
  console.log(`- ${name}: ${(await findSystem(name)).durability}`)
}
try {
  for (const scenario of chosen) {
    await makeFixture(scenario.shape)
    console.log(`\n${reportOf(scenario.name, await samplesOf(scenario))}`)
  }
} finally {
  if (process.env['BENCH_KEEP'] === undefined) dropFixtures()
}
process.exit(0)

async function samplesOf({ name, systems }: Scenario & { name: string }): Promise<Samples> {
  const samples = new Map<string, Figures[]>(systems.map((system) => [system, []]))
  for (let run = 0; run < RUNS; run += 1) {
    for (const [system, figures] of samples) {
      const made = await runOnce(name, system)
      process.stderr.write(`${name} ${system} ${JSON.stringify(made)} load ${loadavg()[0]?.toFixed(1)}\n`)
      if (made !== null) figures.push(made)
    }
  }
  return samples
}

/** A run that fails or takes too long says so and leaves a gap in the table. */
async function runOnce(scenario: string, system: string): Promise<Figures | null> {
  try {
    const options = { timeout: LIMIT_MS, maxBuffer: 2 ** 26 }
    const { stdout } = await execute(process.execPath, [RUN, scenario, system], options)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Figures
  } catch (error) {
    process.stderr.write(`${scenario} ${system} failed: ${error instanceof Error ? error.message.slice(-1500) : ''}\n`)
    return null
  }
}
